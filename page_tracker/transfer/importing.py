"""Reading a file of counts twice: first to check all of it, then to import it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import BinaryIO

from page_tracker.counting.model import RETENTION_DAYS, Count
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.formats import read_counts
from page_tracker.transfer.progress import show_progress_of_file


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The content of a valid file."""

    digest: str
    """A hash of the counts in their order, in hexadecimal."""

    pages: int
    """Number of page totals."""

    days: int
    """Number of daily counts, without those that are left out."""

    left_out: int
    """Number of daily counts that are too old to be imported: see RETENTION_DAYS."""


def check_file(file: BinaryIO, today: date) -> CheckedFile:
    """Read the whole file and count its entries. Raises FileError."""
    digest = blake2b(digest_size=16)
    pages = days = left_out = 0
    counts = show_progress_of_file(read_counts(file, today), "Checking", file)
    for count in _hashed(counts, digest):
        if count.day is None:
            pages += 1
        elif _is_kept(count.day, today):
            days += 1
        else:
            left_out += 1
    return CheckedFile(digest.hexdigest(), pages, days, left_out)


def read_checked_file(
    file: BinaryIO, checked: CheckedFile, today: date
) -> Iterator[Count]:
    """Yield the counts to import. Raises FileError if the file has changed."""
    digest = blake2b(digest_size=16)
    counts = show_progress_of_file(read_counts(file, today), "Importing", file)
    for count in _hashed(counts, digest):
        if count.day is None or _is_kept(count.day, today):
            yield count
    # Raised before the iteration ends, so that none of the counts is imported.
    if digest.hexdigest() != checked.digest:
        raise FileError("the file changed while it was read; nothing was imported")


def _is_kept(day: date, today: date) -> bool:
    return day > today - timedelta(days=RETENTION_DAYS)


def _hashed(counts: Iterable[Count], digest: blake2b) -> Iterator[Count]:
    """Yield the counts, and add each to the digest."""
    for count in counts:
        digest.update(f"{count.page}\n{count.day}\n{count.views}\n".encode())
        yield count
