"""Google Analytics 4: the report "Pages and screens" and explorations, as CSV or TSV.

Comments before a table name its days. A report has the totals of these days, and an
exploration may have a column with the day. The names of columns are in the language of
the user. Sources: project-polymorph/data-analysis, ga_visitor/google_analysis.csv, for
the report in English; the names in other languages are those that programs on GitHub
look for in such files; https://support.google.com/analytics/answer/9143382 for the
meaning of dimensions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO

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
from page_tracker.transfer.rows import read_rows, read_text

# These have the host as well.
_URLS = ("page location", "full page url")
_PATHS = (
    "page path and screen class",
    "page path",
    "page path + query string",
    "page path + query string and screen class",
    "seitenpfad und bildschirmklasse",  # German
    "seitenpfad",
    "chemin de la page et classe de l'écran",  # French
    "ruta de la página y clase de pantalla",  # Spanish
    "percorso pagina e classe schermata",  # Italian
    "caminho da página e classe da tela",  # Portuguese, Brazil
    "ścieżka strony i klasa ekranu",  # Polish
    "путь к странице и класс экрана",  # Russian
    "sayfa yolu ve ekran sınıfı",  # Turkish
    "ページパスとスクリーン クラス",  # Japanese
    "페이지 경로 및 화면 클래스",  # Korean
    "网页路径和屏幕类",  # Chinese, simplified
)
_VIEWS = (
    "views",
    "aufrufe",  # German
    "vues",  # French
    "visitas",  # Spanish
    "vistas",
    "visualizzazioni",  # Italian
    "visualizações",  # Portuguese, Brazil
    "wyświetlenia",  # Polish
    "просмотры",  # Russian
    "表示回数",  # Japanese
    "조회수",  # Korean
    "浏览次数",  # Chinese, simplified
    "查看次数",
)
_DATES = (
    "date",  # English, French
    "date + hour (yyyymmddhh)",
    "datum",  # German
    "fecha",  # Spanish
    "data",  # Italian, Portuguese, Polish
    "дата",  # Russian
    "日付",  # Japanese
    "날짜",  # Korean
    "日期",  # Chinese
)
_HOSTS = ("hostname",)
# Their rows count the same views several times.
_REPEATING = ("comparison", "segment", "date range")
_TOTALS = ("total", "totals", "grand total")
_FIRST_COMMENT = re.compile(r"#\s*-{10,}")
_DATE_COMMENT = re.compile(r"#[^:：]*[:：]\s*(\d{8})\s*")
_SPAN_COMMENT = re.compile(r"#\s*(\d{8})\s*-\s*(\d{8})\s*")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:\d\d)?", re.ASCII)
# Groups of three digits with the same separator, and perhaps a fraction of zeros after
# another one.
_NUMBER = re.compile(
    r"(\d{1,3}([.,'’ \u00a0\u2009\u202f])\d{3}(?:\2\d{3})*|\d+)(?:(?!\2)[.,]0+)?",
    re.ASCII,
)
_UNKNOWN = "Google Analytics does not say which page it is"
_MAX_CHARACTERS = 500
_ALLOWED = (
    "allowed: the columns of the page path and of the views, named with --columns "
    "path=NAME,views=NAME if they have other names"
)


@dataclass
class _Table:
    """Where the columns of a table of pages are."""

    width: int
    path: int
    is_url: bool
    views: int
    day: int | None
    host: int | None
    lost: int = 0
    """The views that the table has without a page."""

    def entry(self, line: int, row: list[str]) -> Entry:
        """Return what a row says. Raises ValueError."""
        if len(row) < self.width:
            raise ValueError(
                f"it has {len(row)} columns; allowed: at least {self.width}"
            )
        views, path = _parse_number(row[self.views]), row[self.path].strip()
        if reason := self._reason(row, path):
            self.lost += views if reason == _UNKNOWN else 0
            return LeftOut(line, reason, f"{path or '(empty)'}: {views} views")
        day = None if self.day is None else _parse_day(row[self.day])
        if path.startswith("/"):
            host = "" if self.host is None else row[self.host]
        else:
            host, path = split_url(path)
        return Views(line, host, path, views, day)

    def _reason(self, row: list[str], path: str) -> str:
        """Return why a row is no page, or nothing."""
        # "Grand total" follows the last column, in the language of the user.
        if any(row[self.width :]) or path.lower() in _TOTALS:
            return "it is a total"
        # Such as (not set) and (other).
        if path.startswith("("):
            return _UNKNOWN
        if not path:
            return "its path is empty"
        if not path.startswith("/") and not self.is_url and "://" not in path:
            return "it is no path of a page"
        return ""


def _normalized(name: str) -> str:
    return " ".join(name.replace("’", "'").lower().split())


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the position of the column with the first of the names, or None."""
    columns = [_normalized(column) for column in header]
    for name in names:
        if columns.count(name) == 1:
            return columns.index(name)
    return None


def _table(header: Sequence[str], names: Mapping[str, str]) -> _Table | None:
    """Return the columns of a table, or None if it is not one of pages."""

    def find(key: str, known: Sequence[str]) -> int | None:
        return _find(header, (_normalized(names[key]),) if key in names else known)

    path, views = find("path", _URLS + _PATHS), find("views", _VIEWS)
    if path is None or views is None:
        return None
    return _Table(
        len(header),
        path,
        _normalized(header[path]) in _URLS,
        views,
        find("date", _DATES),
        _find(header, _HOSTS),
    )


def _parse_number(text: str) -> int:
    """Return a whole number, with or without separators. Raises ValueError."""
    text = text.strip()
    if text.isdigit():
        return parse_views(text)
    if match := _NUMBER.fullmatch(text):
        return parse_views(re.sub("[^0-9]", "", match[1]))
    raise ValueError(
        f"{quoted(text)} is not a number of views; allowed: a whole number, such as "
        "1234, 1,234 or 1.234"
    )


# A file repeats the same few hundred days.
@lru_cache(maxsize=1024)
def _parse_day(text: str) -> date:
    """Return the day in 20261120, 2026-11-20 or 2026112008. Raises ValueError."""
    if match := _DAY.fullmatch(text.strip()):
        return parse_day("-".join(match.groups()))
    raise ValueError(
        f"{quoted(text)} is not a day; allowed: a date such as 20261120 or 2026-11-20"
    )


def _span(comments: Sequence[str]) -> tuple[date, date] | None:
    """Return the first and the last day that the comments before a table name."""
    days: list[str] = []
    for comment in comments:
        if match := _SPAN_COMMENT.fullmatch(comment) or _DATE_COMMENT.fullmatch(
            comment
        ):
            days += match.groups()
    try:
        first, last = map(_parse_day, days[-2:])
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _recognizes(document: Document) -> bool:
    if document.only is None:
        return False
    head = document.only.head
    try:
        first = next(read_text(BytesIO(head)), "")
        if _FIRST_COMMENT.match(first):
            return True
        rows = read_rows(BytesIO(head), _delimiter(head))
        header = next((row for _, row in rows if not row[0].startswith("#")), [])
    except FileError:
        return False
    return _table(header, {}) is not None


def _delimiter(head: bytes) -> str:
    """Return the character between the columns. Raises FileError."""
    lines = read_text(BytesIO(head))
    header = next((line for line in lines if line.strip() and line[0] != "#"), "")
    return max(",\t;", key=header.count)


class _Reader:
    """Reads the tables of a file, one after another."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._comments: list[str] = []
        self._header: tuple[int, list[str]] | None = None
        self._table: _Table | None = None
        self._span: SpanOfHosts | None = None
        self._tables: list[_Table] = []
        self._spans: list[tuple[date, date] | None] = []
        self._others: list[tuple[int, list[str]]] = []

    def read(self, line: int, row: list[str]) -> Iterator[Entry]:
        """Yield what a row says. Raises ValueError."""
        if not any(row):
            return
        if row[0].startswith("#"):
            self._comments.append(row[0])
            self._header = None
        elif self._header is None:
            self._header = line, row
            self._begin(line, row)
            self._comments = []
        elif self._table:
            entry = self._table.entry(line, row)
            if self._span and isinstance(entry, Views):
                yield from self._span.of_host(line, entry.host)
            yield entry

    def _begin(self, line: int, header: list[str]) -> None:
        self._table = _table(header, self._names)
        if not self._table:
            self._others.append((line, header))
            return
        if (repeating := _find(header, _REPEATING)) is not None:
            raise ValueError(
                f"the column {quoted(header[repeating])} gives the same views several "
                "times; allowed: an export without comparisons and segments"
            )
        span = _span(self._comments)
        if any(_overlap(span, other) for other in self._spans):
            raise ValueError(
                "a second table has pages of the same days; allowed: one table for "
                "each day, from an export without comparisons"
            )
        self._spans.append(span)
        self._tables.append(self._table)
        has_days = self._table.day is not None
        self._span = SpanOfHosts(*span) if span and not has_days else None

    def end(self, line: int) -> Iterator[Entry]:
        """Yield what is left out of the file as a whole. Raises FileError."""
        if lost := sum(table.lost for table in self._tables):
            yield Note(line, f"The file does not say the pages of {lost} views.")
        for place, header in self._others:
            text = ", ".join(header)[:_MAX_CHARACTERS]
            if not self._tables:
                raise FileError(
                    f"line {place}: no column is known to have the page path, or none "
                    f"the views. The columns are: {text}; {_ALLOWED}"
                )
            yield LeftOut(place, "the table is not one of pages", text)


def _overlap(span: tuple[date, date] | None, other: tuple[date, date] | None) -> bool:
    """Return whether two spans share days, or might do so if one is unknown."""
    return not span or not other or (span[0] <= other[1] and other[0] <= span[1])


def _read(document: Document, options: Options) -> Iterator[Entry]:
    (member,) = document.members
    reader, line = _Reader(options.columns), 1
    with member.open() as file:
        for line, row in read_rows(file, _delimiter(member.head)):
            try:
                yield from reader.read(line, row)
            except FileError:
                raise
            except ValueError as error:
                raise FileError(f"line {line}: {error}") from None
    yield from reader.end(line)


GOOGLE_ANALYTICS = Format(
    "google-analytics",
    "Google Analytics' pages",
    _recognizes,
    _read,
    has_whole_days=True,
)
