"""Who is counted, as a view and as a visitor."""

import re
from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents

from page_tracker.counting.model import Ignored, Page, View
from page_tracker.counting.rules import Rules

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


@dataclass(frozen=True, slots=True)
class Client:
    """What a request tells about the client that sent it."""

    address: str
    """The IP address as text; empty if the request came over a Unix socket."""

    agent: str
    """The User-Agent; empty if there is none."""

    untracked: bool
    """Whether the client asks not to be tracked."""

    prefetched: bool
    """Whether the browser loads the page before anybody looks at it."""


def view_of(page: Page, client: Client, rules: Rules) -> View:
    """Return a client's view of a page: whether it counts, and as which visitor."""
    agent = client.agent[:_AGENT_CHARACTERS]
    visitor = None
    if not client.untracked and not _PROXIES_OF_MANY.search(agent):
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
    if _TOOLS.match(agent) or _PROXIES_OF_MANY.search(agent):
        return False
    return bool(crawleruseragents.is_crawler(agent))
