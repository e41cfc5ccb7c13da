"""Simple Analytics' export of data points, as CSV: a row for each view or event.

The user chooses the fields. Source of their meaning: https://docs.simpleanalytics.com,
"Export API" and "Unique visits". A unique view is one with another website as its
referrer, so it is a visit and no visitor.
"""

from collections.abc import Callable, Iterator

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import Entry, LeftOut, Options, Views
from page_tracker.transfer.fields import day_of_time
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import Columns, first_row, read_table

# Without this field, the export was asked for page views only.
_VIEWS = ("pageview", "")


def _recognizes(document: Document) -> bool:
    if document.only is None:
        return False
    columns = Columns(first_row(document.only.head))
    return "added_iso" in columns and "path" in columns


def _read(document: Document, options: Options) -> Iterator[Entry]:
    (member,) = document.members
    yield from read_table(member, lambda header: _row_reader(header, options))


def _row_reader(
    header: list[str], options: Options
) -> Callable[[int, list[str]], Entry]:
    columns = Columns(header)
    time, path = columns.index("added_iso"), columns.index("path")
    # A field that was not chosen is read from an empty cell at the end.
    datapoint, robot, host = (
        columns.index(name) if name in columns else -1
        for name in ("datapoint", "is_robot", "hostname")
    )

    def read_row(line: int, row: list[str]) -> Entry:
        row.append("")
        if row[robot].lower() in ("true", "1"):
            return LeftOut(line, "it comes from a robot", row[path])
        if row[datapoint] not in _VIEWS:
            return LeftOut(line, "it is an event, not a view", row[datapoint])
        day = day_of_time(row[time], options.timezone)
        return Views(line, row[host], row[path], 1, day)

    return read_row


SIMPLE_ANALYTICS = Format(
    "simple-analytics", "Simple Analytics' export", _recognizes, _read
)
