"""What is counted, in the project's own words: pages, views and tallies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What is viewed: a site (its host, in lower case) and a path on it."""

    site: str
    path: str


@dataclass(frozen=True, slots=True)
class View:
    """One page load that is to be counted."""

    page: Page


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers as they stand: all views of the page's site so far."""

    site_views: int


FRONT_PAGE = Page(site="", path="/")
"""The tracker's own front page; the tracker's own site has no name."""
