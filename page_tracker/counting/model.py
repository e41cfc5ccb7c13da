"""The values of the domain: pages, views, tallies and limits.

Those that each request creates are named tuples. To create a frozen dataclass takes
three times as long.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its site (a host in lower case) and its path.

    Raises ValueError if the site or the path cannot be encoded in UTF-8, or if the site
    contains a brace.
    """

    site: str
    path: str

    def __post_init__(self) -> None:
        """Refuse a page that no backend can store, before it reaches a shared batch."""
        f"{self.site}{self.path}".encode()
        if "{" in self.site or "}" in self.site:
            raise ValueError(
                f"the site {self.site!r} contains a brace; allowed: a host"
            )

    def __str__(self) -> str:
        """Return the page as one name, such as example.com/blog/post."""
        return f"{self.site}{self.path}"


class Ignored(StrEnum):
    """The reasons for not counting a view."""

    CRAWLER = "crawler"
    MONITOR = "monitor"
    PREFETCH = "prefetch"
    ADDRESS = "ignored-address"

    REPEAT = "repeat"
    """Backends decide this, because they know the earlier views."""


class View(NamedTuple):
    """One load of a page."""

    page: Page

    day: date
    """The day of the view, in the time zone of the owner."""

    visitor: str | None = None
    """A text that identifies the visitor; backends store only a pseudonym of it.

    If None, the view adds no visitor.
    """

    ignored: Ignored | None = None
    """Why this view is ignored; None if it is counted."""

    referrer: str | None = None
    """The site whose page linked to this one; None if it is not known."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The views of a page and of its site, in total and perhaps on one day."""

    page: int
    site: int
    page_on_day: int | None = None
    site_on_day: int | None = None


class Tally(NamedTuple):
    """The counts after a view, or at the time of a read."""

    page_views: int
    """All views of the page."""

    site_views: int
    """All views of the page's site."""

    site_visitors_today: int
    """Visitors of the site on the day of the view.

    Redis estimates this number, with a standard error of about 1 %.
    """

    ignored: Ignored | None = None
    """Why the recorded view was not counted; None if it was counted."""


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """The totals of a site, of all time and of one day."""

    site: str
    views: int
    pages: int
    views_today: int
    visitors_today: int
    """Redis estimates this number, with a standard error of about 1 %."""


@dataclass(frozen=True, slots=True)
class PageViews:
    """The views of a page, of all time."""

    page: Page
    views: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Pages of a site, the most viewed first.

    Pages with the same number of views are in descending order of their paths.
    """

    pages: tuple[PageViews, ...]

    next: PageViews | None
    """The position after which the ranking continues; None at its end."""


@dataclass(frozen=True, slots=True)
class DayTotal:
    """The totals of a site on one day."""

    day: date
    views: int
    visitors: int
    """Redis estimates this number, with a standard error of about 1 %."""


@dataclass(frozen=True, slots=True)
class Count:
    """A stored count: the views of a page, of all time or of one day."""

    page: Page
    views: int
    day: date | None = None
    """The day of the views; None for the views of all time."""


@dataclass(frozen=True, slots=True)
class SiteImport:
    """What an import adds to one site."""

    name: str
    """Identifies the content. A site takes in the same content only once."""

    counts: Iterable[Count]
    """The total views of each page, then the views of each day, the oldest first.

    The totals and each day are in the order of the paths. No count comes twice. The
    counts can be iterated several times.
    """

    pages: int
    """The number of total views in the counts."""

    daily: bool = False
    """Whether the source has views of single days, of whichever site."""

    days: tuple[date, date] | None = None
    """The first and the last day of the source; None if it has no days."""

    visitors: Mapping[date, int] = field(default_factory=dict)
    """The visitors of each day."""

    ignored: Mapping[tuple[date, Ignored], int] = field(default_factory=dict)
    """The ignored views of each day, by reason."""

    first_day: date | None = None
    """The first day on which the site had views, if the source knows it."""

    referrers: Mapping[str, Mapping[date | None, int]] = field(default_factory=dict)
    """The views that each referrer brought: of all time (None), and on each day.

    Those of all time are not fewer than those of all days together.
    """


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on what a backend counts."""

    pages_per_site: int = 100_000
    """The maximum number of pages of a site; views of further pages are refused."""

    sites: int = 1_000
    """The maximum number of sites, not including the tracker's own site."""

    referrers_per_site: int = 1_000
    """The maximum number of referrers of a site; views from others share one name."""

    repeats_s: int = 0
    """The seconds for which a visitor's repeated views of a page are ignored."""


RETENTION_DAYS = 400
"""The number of days for which daily counts are kept. Totals are kept forever."""

MAX_VIEWS = 2**53 - 1
"""The maximum number of views of a page.

All integers up to this one are exact in Redis scripts and in JSON (RFC 8259, 6).
"""

FRONT_PAGE = Page(site="", path="/")
"""The front page of the tracker, on a site with an empty name."""


def with_front_page(tally: Tally, page: Page) -> Tally:
    """Return the tally of a page; that of the front page has all views of its site.

    That site has no other page. If something else has set the total in Redis, only the
    total of the site has it.
    """
    return tally._replace(page_views=tally.site_views) if page == FRONT_PAGE else tally
