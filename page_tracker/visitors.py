"""Who is counted, as a view and as a visitor."""

import re
from functools import lru_cache

import crawleruseragents

from page_tracker.http import Request
from page_tracker.model import Ignored, Page, View
from page_tracker.rules import Rules

# On the list of crawlers, which they are not: people ask with these on purpose, and
# GitHub's proxy for images asks when somebody looks.
_NO_CRAWLERS = re.compile(
    "(curl|wget|httpie|python-requests|python-urllib|python-httpx|aiohttp|axios|okhttp"
    "|node-fetch|got|go-http-client|apache-httpclient|libwww-perl|github-camo)",
    re.IGNORECASE,
)
_PROXY_OF_MANY = "github-camo"
# So much of what a client calls itself is looked at, and remembered.
_AGENT_CHARACTERS = 512


def view_of(request: Request, page: Page, rules: Rules) -> View:
    """Return the view of a page that a request is: whether it counts, and who looks."""
    address = request.address(rules.trusted_proxies)
    return View(
        page,
        rules.today(),
        visitor=_visitor(request, address),
        ignored=_ignored(request, address, rules),
    )


def _visitor(request: Request, address: str) -> str | None:
    """Tell who asks: the same for the same address and agent.

    None if they ask not to be tracked, or cannot be told apart.
    """
    agent = request.agent[:_AGENT_CHARACTERS]
    if request.untracked or agent.startswith(_PROXY_OF_MANY):
        return None
    return f"{address}\n{agent}"


def _ignored(request: Request, address: str, rules: Rules) -> Ignored | None:
    if request.prefetched:
        return Ignored.PREFETCH
    if rules.ignores(address):
        return Ignored.ADDRESS
    if _is_crawler(request.agent[:_AGENT_CHARACTERS]):
        return Ignored.CRAWLER
    return None


@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    return not _NO_CRAWLERS.match(agent) and crawleruseragents.is_crawler(agent)
