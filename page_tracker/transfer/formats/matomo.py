"""Matomo's report of page URLs, Actions.getPageUrls, as JSON and as CSV or TSV.

It must be flat (flat=1), because the folders of a tree have no URLs. Sources, in
matomo-org/matomo: core/DataTable/Renderer/Csv.php and Json.php for the shape,
core/Archive/DataTableFactory.php for the names of periods,
core/API/DataTableManipulator/Flattener.php for rows that sum up others,
lang/*.json (ColumnPageviews) for headers in the language of the user.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

from page_tracker.counting.parsing import parse_day, quoted
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Note,
    Options,
    Views,
    parse_views,
)
from page_tracker.transfer.fields import SpanOfHosts, split_url
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.json_stream import JsonError, json_events
from page_tracker.transfer.rows import first_row, read_chunks, read_rows

_PERIOD = r"\d{4}(?:-\d\d(?:-\d\d(?:,\d{4}-\d\d-\d\d)?)?)?"
_LIST = re.compile(rb'\s*\[\s*\{\s*"label"\s*:')
_MAP = re.compile(rb'\s*\{\s*"' + _PERIOD.encode() + rb'"\s*:\s*\[')
_NO_DATA = b"No data available"
# The column nb_hits, as exports from the user interface call it.
_VIEWS = frozenset(
    name.lower()
    for name in (
        "nb_hits",
        "Pageviews",  # English
        "Seitenansichten",  # German
        "Vues de page",  # French
        "Páginas vistas",  # Spanish
        "Visualizzazioni pagina",  # Italian
        "Exibições de página",  # Portuguese, Brazil
        "Visualizações de páginas",  # Portuguese
        "Paginaweergaven",  # Dutch
        "Liczba odsłon",  # Polish
        "Zobrazení stránek",  # Czech
        "Sidvisningar",  # Swedish
        "Sidevisninger",  # Danish, Norwegian
        "Просмотры страниц",  # Russian
        "Перегляди сторінок",  # Ukrainian
        "Sayfa gösterimleri",  # Turkish
        "ページビュー",  # Japanese
        "페이지뷰",  # Korean
        "浏览次数",  # Chinese, simplified
        "瀏覽數",  # Chinese, traditional
    )
)
_MAX_CHARACTERS = 500
_NO_URL = "it has no URL"
_OTHERS = "it sums up pages that Matomo does not tell apart"
_FOLDER = "it sums up a folder, whose pages have their own rows"
# Its API returns no more rows by default.
_DEFAULT_LIMIT = 100


class _Row(NamedTuple):
    """A row of the report."""

    where: str
    """"line" or "entry"."""

    line: int
    label: str
    url: str
    views: str

    folder: bool
    """Whether the rows of a folder are below it, in a tree."""

    reason: str
    """Why it is left out; empty if it is a page."""


class _Report:
    """Turns the rows of the report into entries."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._span: SpanOfHosts | None = None
        self._lost = 0
        self._rows = 0
        self._full = 0
        self._is_cut = True

    def begin(self, where: str, line: int, period: str) -> None:
        """Begin the table of a period. Raises FileError."""
        self.end_table()
        try:
            first, last = _days(period)
        except ValueError:
            raise FileError(
                f"{where} {line}: {quoted(period)} is not a period; allowed: a day, "
                "week, month, year or range, as Matomo writes it, of one website"
            ) from None
        self._day = first if first == last else None
        self._span = None if self._day else SpanOfHosts(first, last)

    def read(self, row: _Row) -> Iterator[Entry]:
        """Yield what a row says. Raises FileError."""
        if row.folder:
            raise FileError(
                f"{row.where} {row.line}: {quoted(row.label)} is a folder; allowed: a "
                "flat report, which Matomo makes with flat=1"
            )
        self._rows += 1
        try:
            views = parse_views(row.views)
        except ValueError as error:
            raise FileError(f"{row.where} {row.line}: {error}") from None
        if row.reason:
            self._lost += views if row.reason != _FOLDER else 0
            yield LeftOut(row.line, row.reason, f"{row.label}: {views} views")
            return
        host, path = split_url(row.url)
        if self._span:
            yield from self._span.of_host(row.line, host)
        yield Views(row.line, host, path, views, self._day)

    def end_table(self) -> None:
        """Note the size of a table."""
        self._full += self._rows == _DEFAULT_LIMIT
        self._is_cut &= self._rows <= _DEFAULT_LIMIT
        self._rows = 0

    def end(self, line: int) -> Iterator[Entry]:
        """Yield what the user should know about the report as a whole.

        Raises FileError if it has obviously been cut off.
        """
        self.end_table()
        if self._lost:
            yield Note(
                line, f"The report does not say the pages of {self._lost} views."
            )
        if not self._is_cut or not self._full:
            return
        if self._full >= 3:
            raise FileError(
                f"{self._full} tables have exactly {_DEFAULT_LIMIT} pages and none has "
                "more, so pages are missing; allowed: all pages, which Matomo exports "
                "with filter_limit=-1"
            )
        yield Note(
            line,
            f"A table has exactly {_DEFAULT_LIMIT} pages. If there were more, export "
            "it again with filter_limit=-1.",
        )


def _days(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period. Raises ValueError."""
    if not re.fullmatch(_PERIOD, period, re.ASCII):
        raise ValueError(period)
    if len(period) == len("2026"):
        return parse_day(f"{period}-01-01"), parse_day(f"{period}-12-31")
    if len(period) == len("2026-11"):
        first = parse_day(f"{period}-01")
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    first_day, _, last_day = period.partition(",")
    first = parse_day(first_day)
    return first, parse_day(last_day) if last_day else first


def _recognizes_json(document: Document) -> bool:
    if document.only is None:
        return False
    try:
        head = b"".join(read_chunks(BytesIO(document.only.head)))
    except FileError:
        return False
    if _LIST.match(head):
        return b'"nb_hits"' in head and b'"nb_visits"' in head
    return bool(_MAP.match(head))


def _read_json(document: Document, options: Options) -> Iterator[Entry]:
    del options
    (member,) = document.members
    report, number = _Report(), 0
    try:
        with member.open() as file:
            for found in _json_rows(json_events(file)):
                if isinstance(found, str):
                    report.begin("entry", number + 1, found)
                else:
                    number += 1
                    yield from report.read(_json_row(number, found))
    except JsonError as error:
        raise FileError(f"entry {number + 1}: the JSON is not valid: {error}") from None
    yield from report.end(number)


def _json_rows(
    events: Iterator[tuple[str, str, Any]],
) -> Iterator[str | dict[str, Any]]:
    """Yield the name of each period, and the simple values of each row after it.

    Subtables are yielded as true. Raises FileError.
    """
    period, item, start = None, "item", len("item.")
    row: dict[str, Any] = {}
    for prefix, event, value in events:
        if prefix == item:
            if event == "start_map":
                row = {}
            elif event == "end_map":
                yield row
        elif prefix.startswith(item):
            if (key := prefix[start:]) and "." not in key:
                if event == "start_array":
                    row[key] = True
                elif value is not None and event != "map_key":
                    row[key] = value
        elif not prefix:
            if event == "map_key":
                period, item = value, f"{value}.item"
                start = len(item) + 1
                yield value
        elif prefix == period and event not in ("start_array", "end_array"):
            raise FileError(
                f"{quoted(period)} has no list of pages; allowed: the report "
                "Actions.getPageUrls of one website"
            )


def _json_row(number: int, row: dict[str, Any]) -> _Row:
    url = str(row.get("url") or "")
    return _Row(
        "entry",
        number,
        str(row.get("label", "")),
        url,
        str(row.get("nb_hits", "")),
        bool(row.get("subtable") or row.get("idsubdatatable")),
        _reason(url, bool(row.get("is_aggregate")), bool(row.get("is_summary"))),
    )


def _reason(url: str, is_aggregate: bool, is_summary: bool) -> str:
    """Return why a row is left out, or nothing."""
    if is_aggregate:
        return _FOLDER
    if is_summary:
        return _OTHERS
    return "" if url else _NO_URL


class _Columns:
    """The positions of the columns of the CSV file, or None."""

    def __init__(self, header: Sequence[str], views: str | None = None) -> None:
        names = [name.strip().lower() for name in header]
        self.header = header
        self.views = _position(names, {views.lower()} if views else _VIEWS)
        self.label = _position(names, {"label"})
        # In the language of the user, "Metadata: " has a translation before it.
        self.url, self.segment, self.aggregate, self.summary = (
            next(
                (
                    index
                    for index, column in enumerate(names)
                    if column in (name, f"metadata_{name}")
                    or column.endswith(f": {name}")
                ),
                None,
            )
            for name in ("url", "segment", "is_aggregate", "is_summary")
        )


def _position(names: Sequence[str], accepted: set[str] | frozenset[str]) -> int | None:
    return next((i for i, name in enumerate(names) if name in accepted), None)


def _delimiter(head: bytes) -> str:
    """Return a tab if the columns are separated by tabs, otherwise a comma."""
    return "\t" if len(first_row(head, "\t")) > 1 else ","


def _recognizes_csv(document: Document) -> bool:
    if document.only is None:
        return False
    header = first_row(document.only.head, _delimiter(document.only.head))
    if header == [_NO_DATA.decode()]:
        return True
    columns = _Columns(header)
    if "nb_hits" in header:
        return "label" in header and "nb_visits" in header
    return columns.url is not None and ": " in header[columns.url]


def _read_csv(document: Document, options: Options) -> Iterator[Entry]:
    (member,) = document.members
    with member.open() as file:
        rows = read_rows(file, _delimiter(member.head))
        header = next(rows, (1, [_NO_DATA.decode()]))[1]
        if header == [_NO_DATA.decode()]:
            return
        columns = _checked(_Columns(header, options.columns.get("views")))
        first = next(rows, None)
        if first is None:
            return
        dated = _is_dated(columns, first[1])
        report, period = _Report(), None
        line, _ = first
        for line, row in chain([first], rows):
            if dated and row[0] != period:
                period = row[0]
                report.begin("line", line, period)
            yield from report.read(_csv_row(line, row, columns, dated))
        yield from report.end(line)


def _is_dated(columns: _Columns, first: Sequence[str]) -> bool:
    """Return whether the first column has the period."""
    name = columns.header[0].strip().lower()
    return name == "date" or bool(re.fullmatch(_PERIOD, first[0], re.ASCII))


def _checked(columns: _Columns) -> _Columns:
    """Return the columns. Raises FileError if the URL or the views are missing."""
    if columns.header[0].strip().lower() == "idsite":
        raise FileError("line 1: several websites are in it; allowed: one website")
    if columns.url is None:
        raise FileError(
            "line 1: the header has no column with the URL; allowed: a flat report, "
            "which has one; Matomo makes it with flat=1"
        )
    if columns.views is None:
        names = ", ".join(columns.header)[:_MAX_CHARACTERS]
        raise FileError(
            f"line 1: none of the columns is known to have the page views: {names}; "
            "allowed: --columns views=NAME, with the name of the column"
        )
    return columns


def _csv_row(line: int, row: list[str], columns: _Columns, dated: bool) -> _Row:
    # A row ends at the last column that was known when it was written.
    def cell(index: int | None) -> str:
        return row[index] if index is not None and index < len(row) else ""

    url, segment = cell(columns.url), cell(columns.segment)
    return _Row(
        "line",
        line,
        cell(columns.label if columns.label is not None else int(dated)),
        url,
        cell(columns.views),
        # A segment of several pages begins with such an operator.
        not url and segment.startswith("pageUrl=^"),
        _reason(url, cell(columns.aggregate) == "1", cell(columns.summary) == "1"),
    )


MATOMO_JSON = Format(
    "matomo-json",
    "Matomo's page URLs as JSON",
    _recognizes_json,
    _read_json,
    has_whole_days=True,
)
MATOMO_CSV = Format(
    "matomo-csv",
    "Matomo's page URLs as CSV",
    _recognizes_csv,
    _read_csv,
    has_whole_days=True,
)
