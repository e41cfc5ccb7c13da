"""Decide which views are ignored, and why."""

import re
from enum import StrEnum
from functools import lru_cache

import crawleruseragents

from page_tracker.counting.client import Client
from page_tracker.counting.rules import Rules

# People use these tools on purpose, although the list of crawlers contains them.
_TOOLS = re.compile(
    r"(?:Python/\S+ )?(?:curl|wget|httpie|python-requests|python-urllib|python-httpx"
    r"|aiohttp|axios|okhttp|node-fetch|got|go-http-client|apache-httpclient"
    r"|libwww-perl)(?:[/ ]|$)",
    re.IGNORECASE,
)


class Ignored(StrEnum):
    """The reasons for not counting a view."""

    CRAWLER = "crawler"
    PREFETCH = "prefetch"
    ADDRESS = "ignored-address"

    REPEAT = "repeat"
    """Backends decide this, because they know the earlier views."""


def reason_to_ignore(client: Client, rules: Rules) -> Ignored | None:
    """Return why a view by this client is ignored; None if it is not."""
    if client.prefetched:
        return Ignored.PREFETCH
    if rules.ignores(client.address):
        return Ignored.ADDRESS
    if _is_crawler(client.agent) and not client.is_image_proxy():
        return Ignored.CRAWLER
    return None


def is_tool(agent: str) -> bool:
    """Return whether an agent is a tool such as curl, which shows no pages."""
    return _TOOLS.match(agent) is not None


@lru_cache(maxsize=4096)
def _is_crawler(agent: str) -> bool:
    if is_tool(agent):
        return False
    return bool(crawleruseragents.is_crawler(agent))
