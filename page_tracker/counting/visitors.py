"""Decide whether a request counts as a view, and as which visitor."""

import re
from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents

from page_tracker.counting.model import Ignored, Page, View
from page_tracker.counting.rules import Rules

# The image proxies of GitHub, Gmail and Yahoo Mail. Each acts for many readers.
_IMAGE_PROXIES = re.compile("github-camo|GoogleImageProxy|YahooMailProxy")
# People use these tools on purpose, although the list of crawlers contains them.
_TOOLS = re.compile(
    r"(?:Python/\S+ )?(?:curl|wget|httpie|python-requests|python-urllib|python-httpx"
    r"|aiohttp|axios|okhttp|node-fetch|got|go-http-client|apache-httpclient"
    r"|libwww-perl)(?:[/ ]|$)",
    re.IGNORECASE,
)
# Only this part of the User-Agent is used, because the cache keeps it.
_AGENT_CHARACTERS = 512


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request, as far as the request describes it."""

    address: str
    """The IP address as text; empty if the request came over a Unix socket."""

    agent: str
    """The User-Agent header; empty if the request has none."""

    untracked: bool
    """Whether the client asks not to be tracked (DNT or Sec-GPC)."""

    prefetched: bool
    """Whether the browser loads the page before a person sees it."""


def view_of(page: Page, client: Client, rules: Rules) -> View:
    """Return the view of a page by a client, with its visitor and reason to ignore."""
    agent = client.agent[:_AGENT_CHARACTERS]
    visitor = None
    if not client.untracked and not _IMAGE_PROXIES.search(agent):
        visitor = f"{client.address}\n{agent}"
    return View(page, rules.today(), visitor, _reason_to_ignore(client, agent, rules))


def _reason_to_ignore(client: Client, agent: str, rules: Rules) -> Ignored | None:
    if client.prefetched:
        return Ignored.PREFETCH
    if rules.ignores(client.address):
        return Ignored.ADDRESS
    if _is_crawler(agent):
        return Ignored.CRAWLER
    return None


@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    if _TOOLS.match(agent) or _IMAGE_PROXIES.search(agent):
        return False
    return bool(crawleruseragents.is_crawler(agent))
