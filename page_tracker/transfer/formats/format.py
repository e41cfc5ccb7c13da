"""The interface of a format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import Entry, Options


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, how to recognize it and how to read it."""

    name: str
    """The name for --format, such as plausible."""

    title: str
    """The name in sentences, such as "Plausible's export"."""

    recognizes: Callable[[Document], bool]
    """Returns whether the document has this format. Reads only the heads of members.

    It is called for a whole archive first. If no format recognizes that, it is called
    for each of its members as a document of its own.
    """

    read: Callable[[Document, Options], Iterator[Entry]]
    """Yields what is in the document. Raises FileError."""

    measure: str = "views"
    """What its numbers of views are: views, or else visits or visitors."""

    host_is_one_of_many: bool = False
    """Whether the host of a row is only one of those that it stands for.

    If so, a site that the user names gets all rows.
    """

    has_whole_days: bool = False
    """Whether a file has all views of each of its days, and no other file has more."""

    is_own: bool = False
    """Whether page-tracker writes it. Then a path is the whole name of a page."""

    has_totals: bool = False
    """Whether views without a day are the totals of pages, and not further views."""
