"""Our own CSV: the total views of each page, as export writes them and people do.

A table (RFC 4180) with the columns page and views, in any order and among others. In
many countries, spreadsheets separate the columns by semicolons.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import IO

from page_tracker.counting.model import FRONT_PAGE, Count
from page_tracker.counting.parsing import quoted
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    Note,
    Options,
    Views,
    parse_views,
)
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import Columns, first_row, read_rows

_PAGE, _VIEWS = "page", "views"
# Names of columns that people may expect to matter.
_DAYS = ("day", "date")


def write_csv(file: IO[str], counts: Iterable[Count]) -> None:
    """Write the total views of pages, as in RFC 4180 but with LF line ends."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow((_PAGE, _VIEWS))
    writer.writerows((count.page, count.views) for count in counts)


def _recognizes(document: Document) -> bool:
    if document.only is None:
        return False
    head = document.only.head
    columns = Columns(first_row(head, _delimiter(head)))
    return _PAGE in columns and _VIEWS in columns


def _delimiter(head: bytes) -> str:
    """Return the character that separates the columns."""
    return max(",;\t", key=lambda each: len(first_row(head, each)))


def _read(document: Document, _options: Options) -> Iterator[Entry]:
    (member,) = document.members
    with member.open() as file:
        rows = read_rows(file, _delimiter(member.head))
        _, header = next(rows, (1, []))
        columns = Columns(header)
        page, views = columns.index(_PAGE), columns.index(_VIEWS)
        for name in filter(columns.__contains__, _DAYS):
            yield Note(1, f"The column {name} is not used: a CSV has totals only.")
        for line, row in rows:
            try:
                name = row[page].strip()
                if name.startswith("/") and name != str(FRONT_PAGE):
                    # Then the file is not ours, and its "/" is not our front page.
                    raise ValueError(
                        f"{quoted(name)} has no host; allowed: a name such as "
                        "example.com/blog"
                    )
                yield Views(line, "", name, parse_views(row[views].strip()))
            except IndexError:
                raise FileError(
                    f"line {line}: the row has fewer columns than the header; allowed: "
                    "the same number"
                ) from None
            except ValueError as error:
                raise FileError(f"line {line}: {error}") from None


OWN_CSV = Format(
    "csv",
    "page-tracker CSV",
    _recognizes,
    _read,
    is_own=True,
    has_totals=True,
)
