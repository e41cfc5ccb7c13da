"""Fathom's export: the page views of each hour, as CSV.

The columns are known from its users' files: the reader of Swetrix
(Swetrix/swetrix, backend/apps/cloud/src/data-import/mappers/fathom.mapper.ts).
Fathom collects in UTC (https://usefathom.com/docs/account/dashboard, "Time zones").
"""

from collections.abc import Callable, Iterator
from datetime import UTC

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    Options,
    Views,
    parse_views,
)
from page_tracker.transfer.fields import day_of_time
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import Columns, first_row, read_table

_COLUMNS = ("datetime", "hostname", "pathname")


def _recognizes(document: Document) -> bool:
    if document.only is None:
        return False
    columns = Columns(first_row(document.only.head))
    return all(name in columns for name in _COLUMNS) and (
        "pageviews" in columns or "event_name" in columns
    )


def _read(document: Document, options: Options) -> Iterator[Entry]:
    (member,) = document.members
    yield from read_table(member, lambda header: _row_reader(header, options))


def _row_reader(
    header: list[str], options: Options
) -> Callable[[int, list[str]], Entry]:
    columns = Columns(header)
    if "pageviews" not in columns and "event_name" in columns:
        raise FileError(
            "the file has Fathom's events, which are not views; allowed: its file of "
            "page views"
        )
    time, host, path = map(columns.index, _COLUMNS)
    views = columns.index("pageviews")

    def read_row(line: int, row: list[str]) -> Entry:
        day = day_of_time(row[time], options.timezone, UTC)
        return Views(line, row[host], row[path], parse_views(row[views]), day)

    return read_row


FATHOM = Format("fathom", "Fathom's export", _recognizes, _read)
