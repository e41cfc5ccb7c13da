"""The owner's rules for names: which addresses are the same page, or the same site."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.page_names import (
    MAX_BYTES,
    PageNameError,
    escaped,
    parse_page,
    parse_site,
    without_blanks,
)
from page_tracker.counting.query_rule import QueryRule
from page_tracker.counting.referrers import folded, origin_of, parse_host

MAX_CACHED_LENGTH = 256
"""Longer names are rare, and would take much memory in a cache."""

# A path and the routes "/" and "!/" keep their only slash: without it, they are none.
_BEFORE_ONLY_SLASH = ("", "!")
_INDEX_FILES = ("index.html", "index.htm", "index.php")
# In a normalized path: percent-encoded characters, or other characters.
_PARTS = re.compile("(?:%[0-9A-F]{2})+|[^%]+")


class Same(StrEnum):
    """A difference between two paths that makes no other page."""

    SLASH = "slash"
    """A slash at the end."""

    INDEX = "index"
    """index.html, index.htm or index.php at the end."""

    CASE = "case"
    """Uppercase and lowercase letters."""


@dataclass(frozen=True)
class Naming:
    """The rules for names. By default, each path of each host is a page of its own."""

    same_sites: Mapping[str, str] = field(default_factory=dict)
    """The other names of sites, each with the site that it stands for."""

    same_pages: frozenset[Same] = frozenset()
    """The differences between paths that make no other page."""

    query: QueryRule = QueryRule()
    """Which parameters of the query are part of the name."""

    _find_cached: Callable[[str], Page] = field(init=False, repr=False, compare=False)
    _name_cached: Callable[[str], str | None] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Prepare caches: most views are of a few pages, and from a few sites."""
        object.__setattr__(self, "_find_cached", lru_cache(1024)(self._find))
        object.__setattr__(self, "_name_cached", lru_cache(4096)(self._name))

    def page(self, name: str) -> Page:
        """Return the page that a name such as example.com/blog/post or a URL denotes.

        A query is dropped, except for the parameters that are part of the name. A
        fragment is dropped, unless it is the route of a single-page app: it begins with
        "/" or "!/". See parse_page() for the rest. Raises PageNameError.
        """
        name = self.reduce(name)
        find = self._find_cached if len(name) <= MAX_CACHED_LENGTH else self._find
        return find(name)

    def own_page(self, name: str) -> Page:
        """Return the page of a name or URL, or the front page for "/".

        Raises PageNameError.
        """
        return FRONT_PAGE if name == str(FRONT_PAGE) else self.page(name)

    def site(self, text: str) -> str:
        """Return the site of a host, with or without a port. Raises PageNameError."""
        site = parse_site(text)
        return self.same_sites.get(site, site)

    def referrer(self, text: str, site: str) -> str | None:
        """Return the name of the site whose host or URL this is, as a referrer.

        Return None if it is not known: it is not valid, nobody else can reach it, or it
        is the viewed site itself.
        """
        # What is not part of the host would fill the cache.
        origin = origin_of(text) if "/" in text else text
        if len(origin) > MAX_CACHED_LENGTH:
            return None
        name = self._name_cached(origin)
        return name if name != self._name_cached(site) else None

    def reduce(self, name: str) -> str:
        """Return a name or URL without what is not part of the name of its page."""
        if "?" not in name and "#" not in name:
            return name
        address, _, fragment = without_blanks(name).partition("#")
        address, _, query = address.partition("?")
        reduced = address + _with_mark("?", self.query.reduce(query))
        if not fragment.startswith(("/", "!/")):
            return reduced
        route, _, query = fragment.partition("?")
        return f"{reduced}#{route}{_with_mark('?', self.query.reduce(query))}"

    def _find(self, reduced: str) -> Page:
        address, hash_mark, fragment = reduced.partition("#")
        address, mark, query = address.partition("?")
        page = parse_page(address)
        path = self._same(page.path) + mark + query
        if hash_mark:
            route, mark, query = fragment.partition("?")
            path += f"#{self._same(escaped(route))}{mark}{query}"
        page = Page(self.same_sites.get(page.site, page.site), path)
        if len(str(page)) > MAX_BYTES:
            raise PageNameError(
                f"the name is too long; allowed: at most {MAX_BYTES} bytes"
            )
        return page

    def _name(self, origin: str) -> str | None:
        """Return the name of a referrer, or None if it is not known."""
        try:
            host = parse_host(origin)
        except PageNameError:
            return None
        name = folded(self.same_sites.get(host, host))
        return self.same_sites.get(name, name)

    def _same(self, path: str) -> str:
        """Return the path that stands for all that make no other page."""
        if Same.CASE in self.same_pages:
            path = _PARTS.sub(_lower_case, path)
        folder, slash, file = path.rpartition("/")
        if Same.INDEX in self.same_pages and file in _INDEX_FILES:
            path = folder + slash
        if Same.SLASH in self.same_pages and path.endswith("/"):
            shorter = path.rstrip("/")
            if shorter in _BEFORE_ONLY_SLASH:
                return f"{shorter}/"
            # What is left may end with index.html again.
            return self._same(shorter)
        return path


def _with_mark(mark: str, text: str) -> str:
    return f"{mark}{text}" if text else ""


def _lower_case(part: re.Match[str]) -> str:
    """Return a part of a path in lower case, also if it is percent-encoded."""
    if not part[0].startswith("%"):
        return part[0].lower()
    try:
        return quote(unquote_to_bytes(part[0]).decode().lower(), safe="")
    except UnicodeDecodeError:
        return part[0]


AS_STORED = Naming(query=QueryRule(all_others=True, campaigns=True))
"""Names as they are stored, also under earlier rules: nothing makes no other page."""
