"""CSV files (RFC 4180) with the total views of each page."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import IO, BinaryIO

from page_tracker.counting.model import Count
from page_tracker.transfer.entries import FileError, parse_count

_COLUMNS = ("page", "views")
# Longer than any row with a valid name of a page.
MAX_LINE_BYTES = 2**16


def write_csv(file: IO[str], counts: Iterable[Count]) -> None:
    """Write the total views of pages, as in RFC 4180 but with LF line ends."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((count.page, count.views) for count in counts)


def read_csv(file: BinaryIO) -> Iterator[Count]:
    """Yield the counts of a CSV file. Raises FileError."""
    rows = csv.reader(_lines(file), strict=True, skipinitialspace=True)
    try:
        page, views = _column_indexes(next(rows, []))
        for row in rows:
            # Empty lines are skipped.
            if row:
                yield _count_of_row(row, page, views)
    except (csv.Error, ValueError) as error:
        line = max(rows.line_num, 1)
        raise FileError(f"line {line}: {error}") from None


def _lines(file: BinaryIO) -> Iterator[str]:
    encoding = "utf-8-sig"
    while line := file.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES:
            raise ValueError(
                f"the line is too long; allowed: fewer than {MAX_LINE_BYTES} bytes"
            )
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError:
            raise ValueError("the line is not valid UTF-8; allowed: UTF-8") from None
        encoding = "utf-8"


def _column_indexes(header: list[str]) -> tuple[int, int]:
    names = [name.strip().lower() for name in header]
    for column in _COLUMNS:
        if names.count(column) != 1:
            raise ValueError(
                f"the header has {names.count(column)} columns named {column!r}; "
                "allowed: one column page and one column views, separated by commas"
            )
    page, views = map(names.index, _COLUMNS)
    return page, views


def _count_of_row(row: list[str], page: int, views: int) -> Count:
    if len(row) <= max(page, views):
        raise ValueError(
            "the row has fewer columns than the header; allowed: the same number"
        )
    text = row[views].rstrip()
    # int() would also accept " 1_0 ", as 10.
    number = int(text) if re.fullmatch("[0-9]{1,16}", text) else text
    return parse_count(row[page].rstrip(), number, None)
