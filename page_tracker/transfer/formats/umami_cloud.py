"""Umami Cloud's export: website_event.csv, with one row for each view or event.

The columns are those of the table website_event in umami-software/umami, where
src/lib/constants.ts has the types of events. Umami derives the ID of a session from
the address, the agent and the month (src/app/api/send/route.ts), and counts visitors
as distinct sessions (src/queries/sql/getWebsiteStats.ts). So the sessions of one day
are the visitors of that day.
"""

from collections.abc import Iterator
from datetime import UTC, tzinfo

from page_tracker.transfer.distinct_visitors import DistinctVisitors
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Options,
    Views,
    Visitors,
)
from page_tracker.transfer.fields import day_of_time
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import (
    Columns,
    errors_in,
    first_row,
    read_entries,
    read_rows,
)

_FILE = "website_event.csv"
_COLUMNS = {"website_id", "url_path", "event_type", "created_at"}
_NULL = r"\N"
_VIEW = "1"


def _member(document: Document) -> Member | None:
    member = document.only or document.find(_FILE)
    if member and set(first_row(member.head)) >= _COLUMNS:
        return member
    return None


def _recognizes(document: Document) -> bool:
    return _member(document) is not None


def _read(document: Document, options: Options) -> Iterator[Entry]:
    member = _member(document)
    if member is None:
        raise FileError(
            f"the columns of an export are missing; allowed: {_FILE} with "
            f"{', '.join(sorted(_COLUMNS))}"
        )
    visitors = options.visitors
    with errors_in(document, member), member.open() as file:
        rows = read_rows(file)
        _, header = next(rows, (1, []))
        read_row = _RowReader(header, options.timezone, visitors)
        yield from read_entries(rows, len(header), read_row)
    for host, day, number in visitors.new_counts():
        yield Visitors(1, host, day, number)


class _RowReader:
    """Reads rows with one header."""

    def __init__(
        self, header: list[str], timezone: tzinfo, visitors: DistinctVisitors
    ) -> None:
        columns = Columns(header)
        self._type = columns.index("event_type")
        self._path = columns.index("url_path")
        self._time = columns.index("created_at")
        # Older exports lack it.
        self._host = columns.index("hostname") if "hostname" in columns else None
        self._session = columns.index("session_id") if "session_id" in columns else None
        self._timezone = timezone
        self._visitors = visitors

    def __call__(self, line: int, row: list[str]) -> Entry:
        """Return the view in a row, and note its visitor. Raises ValueError."""
        path = row[self._path]
        if row[self._type] != _VIEW:
            return LeftOut(line, "it is an event, not a view", path)
        if path in ("", _NULL):
            return LeftOut(line, "it has no path")
        host = "" if self._host is None else row[self._host]
        if host == _NULL:
            host = ""
        day = day_of_time(row[self._time], self._timezone, UTC)
        if self._session is not None and row[self._session] not in ("", _NULL):
            self._visitors.add(host, day, row[self._session])
        return Views(line, host, path, 1, day)


UMAMI_CLOUD = Format("umami-cloud", "Umami Cloud's export", _recognizes, _read)
