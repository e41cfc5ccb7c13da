"""Decide which requests in an access log are views, as a live view is decided."""

import re
from functools import lru_cache
from typing import NamedTuple

from page_tracker.counting.ignored_views import is_tool, reason_to_ignore
from page_tracker.counting.model import Ignored
from page_tracker.counting.naming import MAX_CACHED_LENGTH
from page_tracker.counting.page_names import MAX_BYTES, PageNameError
from page_tracker.counting.rules import Rules
from page_tracker.counting.visitors import visitor_of
from page_tracker.transfer.formats.access_logs.request import LoggedRequest
from page_tracker.web.request import Request
from page_tracker.web.routes import OTHER, route_of

_FRONT_PAGE = "/"
_OF_ANY_SITE = (_FRONT_PAGE, "/robots.txt")
_COUNTED_STATUSES = frozenset(("200", "304"))
_HTML = frozenset(("text/html", "application/xhtml+xml"))
_STATIC = frozenset("""
    css js mjs cjs map ts wasm json jsonld webmanifest xml xsl rss atom txt csv tsv md
    yaml yml ics vcf
    ico png apng jpg jpeg jfif gif svg svgz webp avif bmp tif tiff heic jxl cur
    woff woff2 ttf otf eot
    mp3 m4a ogg oga opus wav flac aac mp4 m4v webm ogv mov avi mkv m3u8 vtt srt
    pdf ps epub mobi doc docx xls xlsx ppt pptx odt ods odp rtf
    zip gz tgz bz2 xz zst 7z rar tar jar exe msi dmg pkg deb rpm apk iso img bin swf
    """.split())
"""The endings of files that are no HTML pages, also if a person opens them."""

_URL = re.compile("https?://([^/?#]*)", re.IGNORECASE)
_MAX_HOST_CHARACTERS = 300
# Percent-encoding may make a name three times as long as it is stored.
_MAX_PATH_CHARACTERS = 3 * MAX_BYTES
_MAX_ADDRESS_CHARACTERS = 256
# Live views use only this part of the agent, too.
_MAX_AGENT_CHARACTERS = 512
# Some owners leave the addresses out.
_NO_ADDRESS = ("", "-")
_CACHE_SIZE = 2**14

_OTHER_STATUS = "the status is neither 200 nor 304"
_OTHER_METHOD = "the method is not GET"
_NO_PATH = "the target is not a path"
_TOO_LONG = f"the name of the page has more than {MAX_BYTES} bytes"
_NO_PAGE = "it is not an HTML page"
_OWN = "it is a request to page-tracker itself"
_TOOL = "a tool such as curl made it"
_IGNORED = {
    Ignored.CRAWLER: "a crawler made it",
    Ignored.MONITOR: "a health check or a monitor made it",
    Ignored.PREFETCH: "a browser loaded it before anyone saw it",
    Ignored.ADDRESS: "PAGE_TRACKER_IGNORE_IPS contains the address",
}
_BY_AGENT = (_TOOL, _IGNORED[Ignored.CRAWLER], _IGNORED[Ignored.MONITOR])


class Decided(NamedTuple):
    """What a request is."""

    refused: str | None
    """Why it is not a view; None if it is one."""

    site: str = ""
    """The site, or the host as it is in the log if no site can have this name."""

    path: str = ""

    visitor: str | None = None
    """A text that identifies the visitor; None if the visitor is unknown."""


class Decision:
    """Decides about requests, and remembers the last pages and clients."""

    def __init__(self, rules: Rules) -> None:
        """Decide by these rules."""
        self._rules = rules
        # The site of the tracker itself, if it is known.
        self._own_site = (
            rules.naming.page(rules.public_url).site if rules.public_url else ""
        )
        self._find_cached = lru_cache(_CACHE_SIZE)(self._find_page)
        self._client = lru_cache(_CACHE_SIZE)(self._find_client)

    def decide(self, request: LoggedRequest) -> Decided:
        """Return the page and the visitor of a view, or why the request is no view."""
        if request.status not in _COUNTED_STATUSES:
            return Decided(_OTHER_STATUS)
        if request.method != "GET":
            return Decided(_OTHER_METHOD)
        path = self._rules.naming.reduce(request.target)
        if len(path) > _MAX_PATH_CHARACTERS or len(request.host) > _MAX_HOST_CHARACTERS:
            return Decided(_TOO_LONG)
        find = self._find_cached if len(path) <= MAX_CACHED_LENGTH else self._find_page
        refused, site, path = find(request.host, path)
        if refused:
            return Decided(refused)
        if request.content_type and not _is_html(request.content_type):
            return Decided(_NO_PAGE)
        refused, visitor = self._client(
            request.address[:_MAX_ADDRESS_CHARACTERS],
            request.agent[:_MAX_AGENT_CHARACTERS],
            request.headers,
        )
        return Decided(refused, site, path, visitor)

    def _find_page(self, host: str, path: str) -> tuple[str | None, str, str]:
        """Return why a page does not count, or None, and its site and path."""
        if url := _URL.match(path):
            # RFC 9112 (3.2.2): it overrides the Host header.
            host, path = url[1], path[url.end() :] or "/"
        path = path.partition("#")[0]
        try:
            site = self._rules.naming.site(host) if host else ""
        except PageNameError:
            site = host
        return self._reason_against(site, path), site, path

    def _reason_against(self, site: str, path: str) -> str | None:
        if not path.startswith("/"):
            return _NO_PATH
        path = path.partition("?")[0]
        if self._is_own(site, path):
            return _OWN
        _, dot, ending = path.rpartition("/")[2].rpartition(".")
        return _NO_PAGE if dot and ending.lower() in _STATIC else None

    def _is_own(self, site: str, path: str) -> bool:
        base_path = self._rules.base_path
        if site and self._own_site and site != self._own_site:
            return False
        if not path.startswith(base_path):
            return False
        route = route_of(path.removeprefix(base_path) or _FRONT_PAGE)
        # At the root of a host, these may as well be those of a site.
        return route != OTHER and (route not in _OF_ANY_SITE or base_path != "")

    def _find_client(
        self, address: str, agent: str, headers: tuple[tuple[str, str], ...]
    ) -> tuple[str | None, str | None]:
        """Return why a client does not count, or None, and the visitor."""
        request = Request(
            {
                "REQUEST_METHOD": "GET",
                "REMOTE_ADDR": address,
                "HTTP_USER_AGENT": agent,
                **dict(headers),
            }
        )
        client = request.client(trusted_proxies=0)
        # A live view by a tool is made on purpose. But a tool that gets a page runs no
        # script and loads no picture, and so it would not have been counted.
        if is_tool(agent):
            return _TOOL, None
        ignored = reason_to_ignore(client, self._rules)
        if ignored is not None:
            return _IGNORED[ignored], None
        return None, None if address in _NO_ADDRESS else visitor_of(client)


def describe(request: LoggedRequest, reason: str) -> str:
    """Return what shows best why a request is left out."""
    if reason in _BY_AGENT:
        return request.agent
    # A query may contain a password or another secret.
    path = request.target.partition("?")[0]
    return f"{request.method} {path} ({request.status})"


def _is_html(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in _HTML
