"""The changes that an owner can make to stored counts."""

from dataclasses import dataclass
from datetime import date

from page_tracker.counting.model import Page


@dataclass(frozen=True, slots=True)
class SetViews:
    """Set the total views of a page. The views of single days do not change."""

    page: Page
    views: int


@dataclass(frozen=True, slots=True)
class AddViews:
    """Add views to a page and its site, in total and, with a day, on that day.

    A negative number takes views out.
    """

    page: Page
    views: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a page, or a site with all its pages."""

    what: Page | str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a page or a site a name that has no counts yet."""

    what: Page | str
    to: Page | str


@dataclass(frozen=True, slots=True)
class Merge:
    """Add all counts of a page or site to those of another one."""

    what: Page | str
    to: Page | str


Change = SetViews | AddViews | Delete | Rename | Merge
