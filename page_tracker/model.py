"""What is counted, in the project's own words: pages, views and tallies."""

from dataclasses import dataclass
from datetime import date


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


@dataclass(frozen=True, slots=True)
class View:
    """One page load that is to be counted."""

    page: Page

    day: date
    """The day in UTC."""

    visitor: str | None = None
    """Whoever looks, told apart by any text; backends keep no more than a pseudonym.

    None: not to be counted as a visitor.
    """


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers as they stand."""

    page_views: int
    """All views of the page."""

    site_views: int
    """All views of the page's site."""

    site_visitors_today: int
    """Visitors of the site on the day in question; in Redis an estimate, off by 1 %."""


FRONT_PAGE = Page(site="", path="/")
"""The tracker's own front page; the tracker's own site has no name."""
