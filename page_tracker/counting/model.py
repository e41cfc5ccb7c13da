"""What is counted, in the project's own words: pages, views and tallies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Page:
    """What is viewed: a site (its host, in lower case) and a path on it.

    Raises ValueError if either is not encodable in UTF-8, or the site holds a brace.
    """

    site: str
    path: str

    def __post_init__(self) -> None:
        """Refuse what no backend could store, before it is in a batch with others."""
        f"{self.site}{self.path}".encode()
        if "{" in self.site or "}" in self.site:
            raise ValueError(f"the site {self.site!r} holds a brace; allowed: a host")

    def __str__(self) -> str:
        """Write it as people do: example.com/blog/post."""
        return f"{self.site}{self.path}"


class Ignored(StrEnum):
    """Why a view is not counted."""

    CRAWLER = "crawler"
    PREFETCH = "prefetch"
    ADDRESS = "ignored-address"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class View:
    """One page load that is to be counted."""

    page: Page

    day: date
    """The day it belongs to, wherever the owner of the sites has midnight."""

    visitor: str | None = None
    """Whoever looks, told apart by any text; backends keep no more than a pseudonym.

    None: not to be counted as a visitor.
    """

    ignored: Ignored | None = None
    """Why it is not to be counted as a view, and tallied beside them; None: it is."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers as they stand."""

    page_views: int
    """All views of the page."""

    site_views: int
    """All views of the page's site."""

    site_visitors_today: int
    """Visitors of the site on the day in question; in Redis an estimate, off by 1 %."""

    ignored: Ignored | None = None
    """Why the view that was recorded is not among them; None if it is."""


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """What a site has, in all and on one day."""

    site: str
    views: int
    pages: int
    views_today: int
    visitors_today: int
    """In Redis an estimate, off by 1 %."""


@dataclass(frozen=True, slots=True)
class PageViews:
    """The views of a page, of all time or of one day."""

    page: Page
    views: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Pages of a site, the most viewed first; those of as many views from z to a."""

    pages: tuple[PageViews, ...]

    next: PageViews | None
    """Behind which the ranking goes on; None: it ends here."""


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What a site had on a day."""

    day: date
    views: int
    visitors: int
    """In Redis an estimate, off by 1 %."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is kept: the views of a page, of all time or of one day."""

    page: Page
    views: int
    day: date | None = None
    """None: of all time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a backend counts, and what it refuses or ignores."""

    pages_per_site: int = 100_000
    """With so many pages, a site gets no more."""

    sites: int = 1_000
    """With so many sites, there are no more; the tracker's own is none of them."""

    repeats_s: int = 0
    """For how many seconds a visitor's further views of a page are ignored."""


RETENTION_DAYS = 400
"""For so many days is kept what a site had on a day; what it has in all, for ever."""

MOST_VIEWS = 2**53 - 1
"""No page has more: up to here, all the numbers of Redis and of JSON are exact."""

FRONT_PAGE = Page(site="", path="/")
"""The tracker's own front page; the tracker's own site has no name."""
