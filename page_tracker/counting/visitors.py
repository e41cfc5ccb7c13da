"""Who is counted, as a view and as a visitor."""

import re
from functools import lru_cache

import crawleruseragents

from page_tracker.counting.model import Ignored, Page, View
from page_tracker.counting.rules import Rules
from page_tracker.web.http import Request

# Proxies that fetch an image when somebody looks: of GitHub, Gmail and Yahoo Mail.
_PROXIES_OF_MANY = re.compile("github-camo|GoogleImageProxy|YahooMailProxy")
# They are on the list of crawlers, and people ask with them on purpose.
_TOOLS = re.compile(
    r"(?:Python/\S+ )?(?:curl|wget|httpie|python-requests|python-urllib|python-httpx"
    r"|aiohttp|axios|okhttp|node-fetch|got|go-http-client|apache-httpclient"
    r"|libwww-perl)(?:[/ ]|$)",
    re.IGNORECASE,
)
# So much of what a client calls itself is looked at, and remembered.
_AGENT_CHARACTERS = 512


def view_of(request: Request, page: Page, rules: Rules) -> View:
    """Return the view of a page that a request is: whether it counts, and who looks."""
    address = request.address(rules.trusted_proxies)
    agent = request.agent[:_AGENT_CHARACTERS]
    visitor = None
    if not request.untracked and not _PROXIES_OF_MANY.search(agent):
        visitor = f"{address}\n{agent}"
    return View(page, rules.today(), visitor, _ignored(request, address, agent, rules))


def _ignored(
    request: Request, address: str, agent: str, rules: Rules
) -> Ignored | None:
    if request.prefetched:
        return Ignored.PREFETCH
    if rules.ignores(address):
        return Ignored.ADDRESS
    if _is_crawler(agent):
        return Ignored.CRAWLER
    return None


@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    if _TOOLS.match(agent) or _PROXIES_OF_MANY.search(agent):
        return False
    return bool(crawleruseragents.is_crawler(agent))
