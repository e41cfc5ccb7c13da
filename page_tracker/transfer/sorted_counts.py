"""Sums counts of any number in little memory: sorted parts on disk, then merged.

The files are in the folder for temporary files (see TMPDIR), and have no name there.
"""

import heapq
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import IO

from page_tracker.counting.model import MAX_VIEWS, Count, Page
from page_tracker.operations.terminal import readable
from page_tracker.transfer.entries import FileError

_BYTES_PER_PART = 50_000_000
# What a count takes in memory, beside its path.
_BYTES_PER_COUNT = 200
_CHUNK_BYTES = 2**18
_SEPARATOR, _DAY = b"\t", b"="
# Sorts before each day.
_TOTALS = ""


@dataclass(slots=True)
class SiteCounts:
    """The sorted counts of one site."""

    site: str
    file: IO[bytes]
    begin: int = 0
    end: int = 0

    pages: int = 0
    """The number of totals."""

    views: int = 0
    """The sum of the totals."""

    days: dict[date, int] = field(default_factory=dict)
    """The number of daily counts of each day, the oldest first."""

    digest: blake2b = field(default_factory=lambda: blake2b(digest_size=16))
    """A hash of the counts."""

    def write(self, row: bytes) -> None:
        """Add a row to the file. It belongs to the last site in the file."""
        self.digest.update(row)
        self.file.write(row)
        self.end += len(row)

    def _rows(self) -> Iterator[bytes]:
        offset, rest = self.begin, b""
        while offset < self.end:
            # Several readers may use the file, each at its own place.
            length = min(_CHUNK_BYTES, self.end - offset)
            chunk = os.pread(self.file.fileno(), length, offset)
            offset += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines

    def counts(self, since: date) -> Iterator[Count]:
        """Yield the totals, and then the counts of the days from this day on.

        They are in the order that SiteImport demands.
        """
        day: date | None = None
        for row in self._rows():
            if row.startswith(_DAY):
                day = date.fromisoformat(row[1:].decode())
            elif day is None or day >= since:
                path, _, views = row.partition(_SEPARATOR)
                yield Count(Page(self.site, path.decode()), int(views), day)


class CountSorter:
    """Sums counts that are added in any order."""

    def __init__(self, stack: ExitStack) -> None:
        """Prepare to use temporary files until the stack is closed."""
        self._stack = stack
        self._parts: list[IO[bytes]] = []
        self._sums = defaultdict[tuple[str, date | None], dict[str, int]](dict)
        self._size = 0

    def add(self, page: Page, views: int, day: date | None) -> None:
        """Add views of a page, on one day or of all time."""
        of_day = self._sums[page.site, day]
        if page.path in of_day:
            of_day[page.path] += views
            return
        of_day[page.path] = views
        self._size += _BYTES_PER_COUNT + len(page.path)
        if self._size >= _BYTES_PER_PART:
            self._write_part()

    def _write_part(self) -> None:
        part = self._stack.enter_context(tempfile.TemporaryFile())
        for (site, day), sums in sorted(self._sums.items(), key=_site_and_day):
            part.writelines(
                f"{site}\t{day or _TOTALS}\t{path}\t{views}\n".encode()
                for path, views in sorted(sums.items())
            )
        part.seek(0)
        self._parts.append(part)
        self._sums.clear()
        self._size = 0

    def sort(self) -> list[SiteCounts]:
        """Return the sums by site. Nothing can be added any more.

        Raises FileError if a sum is too large.
        """
        self._write_part()
        file = self._stack.enter_context(tempfile.TemporaryFile())
        sites: list[SiteCounts] = []
        # Rows are in the order of their keys, because a tab sorts before all others.
        rows = (row.split(_SEPARATOR) for row in heapq.merge(*self._parts))
        for (name, day), of_day in groupby(rows, itemgetter(0, 1)):
            site = name.decode()
            if not sites or sites[-1].site != site:
                begin = sites[-1].end if sites else 0
                sites.append(SiteCounts(site, file, begin, begin))
            _write_day(sites[-1], day.decode(), of_day)
        file.flush()
        return sites


def _site_and_day(
    item: tuple[tuple[str, date | None], dict[str, int]],
) -> tuple[str, str]:
    (site, day), _ = item
    return site, str(day or _TOTALS)


def _write_day(site: SiteCounts, day: str, rows: Iterator[list[bytes]]) -> None:
    """Add the totals or the counts of a day: rows of site, day, path and views."""
    if day != _TOTALS:
        site.write(_DAY + day.encode() + b"\n")
    number = views = 0
    for path, same in groupby(rows, itemgetter(2)):
        summed = sum(int(row[3]) for row in same)
        if summed > MAX_VIEWS:
            page = readable(Page(site.site, path.decode()))
            raise FileError(
                f"the views of {page} add up to {summed}; allowed: at most {MAX_VIEWS}"
            )
        site.write(path + _SEPARATOR + str(summed).encode() + b"\n")
        number += 1
        views += summed
    if day == _TOTALS:
        site.pages, site.views = number, views
    else:
        site.days[date.fromisoformat(day)] = number
