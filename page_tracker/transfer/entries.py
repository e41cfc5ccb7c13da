"""What a reader finds in a file: one type for each kind of entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import NamedTuple

from page_tracker.counting.model import MAX_VIEWS, Ignored
from page_tracker.counting.parsing import quoted
from page_tracker.counting.rules import Rules
from page_tracker.transfer.distinct_visitors import DistinctVisitors


class FileError(ValueError):
    """A file cannot be imported. The text says where and why, and what is allowed."""


class Views(NamedTuple):
    """Views of a page, as the file names it."""

    line: int
    """The line, row or entry in the file, beginning with 1."""

    host: str
    """The host of the page, perhaps with a scheme; empty if the file has none."""

    path: str
    """The path, perhaps with a query and a fragment, which do not matter."""

    views: int

    day: date | None = None
    """The day of the views; None if the file does not say it."""


class Visitors(NamedTuple):
    """The visitors of a site on one day."""

    line: int
    host: str
    """As in Views."""

    day: date
    visitors: int


class IgnoredViews(NamedTuple):
    """Views of a site that were ignored on one day."""

    line: int
    host: str
    """As in Views."""

    day: date
    reason: Ignored
    views: int


class ReferrerViews(NamedTuple):
    """Views of a site that a referrer brought."""

    line: int
    host: str
    """As in Views."""

    referrer: str
    """The normalized name."""

    views: int
    day: date | None = None
    """As in Views."""


class FirstDay(NamedTuple):
    """The first day on which a site had views."""

    line: int
    host: str
    """As in Views."""

    day: date


class Span(NamedTuple):
    """The days that a file is about, if its views do not say their days."""

    line: int
    host: str
    """As in Views."""

    first: date
    last: date


class Note(NamedTuple):
    """Something that the user should know about the file."""

    line: int
    text: str


class LeftOut(NamedTuple):
    """Something in the file that is not imported."""

    line: int
    reason: str
    """Why, in the same words for each such line."""

    text: str = ""
    """What it was, to be shown for the first few lines; empty to show none."""

    number: int = 1
    """How many were left out for this reason."""

    unit: str = "row"
    """What the number counts: row, view or another word."""


Fact = Visitors | IgnoredViews | ReferrerViews | FirstDay | Span
"""What a file says about a site, apart from the views of its pages."""

Entry = Views | Fact | Note | LeftOut


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader must know beside the file."""

    today: date

    timezone: tzinfo = UTC
    """The time zone in which a day begins."""

    rules: Rules = Rules()
    """The owner's rules for counting views, for files that list requests."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """The names of columns that the user has given: for path, views and date."""

    visitors: DistinctVisitors = field(default_factory=DistinctVisitors)
    """The visitors in the logs of one import, which may be in several files."""


def parse_views(text: str) -> int:
    """Return the whole number in a cell, written without separators.

    Raises ValueError, which says what is allowed.
    """
    # int() would also accept " 1_0 ".
    if text.isascii() and text.isdigit() and len(text) <= 16:
        number = int(text)
        if number <= MAX_VIEWS:
            return number
    raise ValueError(
        f"{quoted(text)} is not a number of views; allowed: a whole number from 0 to "
        f"{MAX_VIEWS}, without separators"
    )
