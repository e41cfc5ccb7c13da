"""Plausible's export: CSV files of pages and of visitors by day, alone or in a zip.

The names and columns are documented in docs/csv-import.md of plausible/docs, and are
written by lib/plausible/exports.ex of plausible/analytics. Days are in the time zone
that the site has there.
"""

import re
from collections.abc import Callable, Iterator

from page_tracker.counting.parsing import parse_day
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Options,
    Views,
    Visitors,
    parse_views,
)
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import (
    Columns,
    errors_in,
    first_row,
    read_entries,
    read_rows,
)

_NAME = re.compile(r"imported_([a-z_]+?)(_\d{8}_\d{8})?\.csv")
_PAGES, _VISITORS = "pages", "visitors"
_PAGES_COLUMNS = {"date", "page", "visitors", "pageviews"}
_VISITORS_COLUMNS = {"date", "visitors", "pageviews", "bounces", "visits"}
_NEITHER = "neither views of pages nor visitors of days"

# The dashboard offers another export, which lacks most pages.
_DASHBOARD_FILES = ("visitors.csv", "pages.csv", "entry_pages.csv", "exit_pages.csv")
_DASHBOARD_COLUMNS = ["name", "visitors", "pageviews", "bounce_rate"]


def _header(member: Member) -> list[str]:
    return [name.strip().lower() for name in first_row(member.head)]


def _table(member: Member) -> str | None:
    """Return the name of a table, or None if it is none of an export."""
    if match := _NAME.match(member.name.rpartition("/")[2]):
        return match[1]
    columns = set(_header(member))
    if columns >= _PAGES_COLUMNS:
        return _PAGES
    if _VISITORS_COLUMNS <= columns <= _VISITORS_COLUMNS | {"visit_duration"}:
        return _VISITORS
    return None


def _is_of_dashboard(document: Document) -> bool:
    if member := document.only:
        return _header(member)[: len(_DASHBOARD_COLUMNS)] == _DASHBOARD_COLUMNS
    return all(document.find(name) for name in _DASHBOARD_FILES)


def _recognizes(document: Document) -> bool:
    return any(map(_table, document.members)) or _is_of_dashboard(document)


def _read(document: Document, _: Options) -> Iterator[Entry]:
    if _is_of_dashboard(document):
        raise FileError(
            "this is the export of Plausible's dashboard, which has at most 100 pages "
            "and not their days; allowed: the export of the site's settings, under "
            "Imports & Exports, Export to CSV"
        )
    for member in document.members:
        with errors_in(document, member):
            match _table(member):
                case "pages":
                    yield from _read_rows(member, _page_reader)
                case "visitors":
                    yield from _read_rows(member, _visitor_reader)
                case None if document.only:
                    raise FileError(
                        f"line 1: the table has {_NEITHER}; allowed: columns as in "
                        "Plausible's imported_pages and imported_visitors"
                    )
                case _:
                    yield LeftOut(1, f"it has {_NEITHER}", member.name, unit="file")


_RowReader = Callable[[int, list[str]], Entry]


def _read_rows(
    member: Member, reader_of: Callable[[Columns], _RowReader]
) -> Iterator[Entry]:
    with member.open() as file:
        rows = read_rows(file)
        _, header = next(rows, (1, []))
        yield from read_entries(rows, len(header), reader_of(Columns(header)))


def _page_reader(columns: Columns) -> _RowReader:
    day, page, views = map(columns.index, ("date", "page", "pageviews"))
    host = columns.index("hostname") if "hostname" in columns else None

    def read_row(line: int, row: list[str]) -> Entry:
        if not row[page]:
            return LeftOut(line, "it has no page")
        return Views(
            line,
            "" if host is None else row[host],
            row[page],
            parse_views(row[views]),
            parse_day(row[day]),
        )

    return read_row


def _visitor_reader(columns: Columns) -> _RowReader:
    day, visitors = map(columns.index, ("date", "visitors"))

    def read_row(line: int, row: list[str]) -> Entry:
        return Visitors(line, "", parse_day(row[day]), parse_views(row[visitors]))

    return read_row


PLAUSIBLE = Format(
    "plausible",
    "Plausible's export",
    _recognizes,
    _read,
    host_is_one_of_many=True,
    has_whole_days=True,
)
