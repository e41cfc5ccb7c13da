"""The export of a self-hosted Umami: pages.csv, with the visitors of each path.

src/app/api/websites/[websiteId]/export/route.ts of umami-software/umami writes it. It
has been there since version 2.19.0, and since then
src/queries/sql/pageviews/getPageviewMetrics.ts counts distinct sessions. There are at
most 500 paths, and no days.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    Options,
    Views,
    parse_views,
)
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import errors_in, first_row, read_entries, read_rows

_FILE, _OTHER_FILES = "pages.csv", ("browsers.csv", "os.csv", "devices.csv")
_COLUMNS = ["x", "y"]
_EXAMINED_ROWS = 10


def _member(document: Document) -> Member | None:
    if (member := document.only) is None:
        member = document.find(_FILE)
        if not all(map(document.find, _OTHER_FILES)):
            return None
        # The file is empty if there were no views.
        return member if member and _header(member) in (_COLUMNS, []) else None
    return member if _header(member) == _COLUMNS and _has_paths(member) else None


def _header(member: Member) -> list[str]:
    return first_row(member.head)


def _has_paths(member: Member) -> bool:
    """Return whether the first rows have paths.

    Files of referrers, browsers and countries have the same columns.
    """
    try:
        rows = list(islice(read_rows(BytesIO(member.head)), 1, 1 + _EXAMINED_ROWS))
    except FileError:
        return False
    return bool(rows) and all(row[0].startswith("/") for _, row in rows)


def _recognizes(document: Document) -> bool:
    return _member(document) is not None


def _read(document: Document, _: Options) -> Iterator[Entry]:
    member = _member(document)
    if member is None:
        raise FileError(
            f"this is not a list of pages; allowed: {_FILE} with the columns x and y"
        )
    with errors_in(document, member), member.open() as file:
        rows = islice(read_rows(file), 1, None)
        yield from read_entries(rows, len(_COLUMNS), _read_row)


def _read_row(line: int, row: list[str]) -> Entry:
    return Views(line, "", row[0], parse_views(row[1]))


UMAMI_PAGES = Format(
    "umami-pages", "Umami's export", _recognizes, _read, measure="visitors"
)
