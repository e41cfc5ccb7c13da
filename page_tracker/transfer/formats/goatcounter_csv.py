"""GoatCounter's CSV export, versions 1 and 2: one row for each view.

The format is documented in tpl/help/export.md of arp242/goatcounter.
"""

import re
from collections.abc import Iterator
from datetime import UTC, tzinfo

from page_tracker.counting.parsing import quoted
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Options,
    Views,
    parse_views,
)
from page_tracker.transfer.fields import day_of_time
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import Columns, first_row, read_entries, read_rows

_VERSIONS = ("1", "2")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _version(header: list[str]) -> str | None:
    """Return the version, which is in front of the first name; None if it is not."""
    match = re.fullmatch("([0-9]+)Path", header[0]) if header else None
    return match[1] if match and header[1:2] == ["Title"] else None


def _recognizes(document: Document) -> bool:
    member = document.only
    return member is not None and _version(first_row(member.head)) is not None


def _read(document: Document, options: Options) -> Iterator[Entry]:
    with document.members[0].open() as file:
        rows = read_rows(file)
        _, header = next(rows, (1, []))
        _check_version(_version(header))
        yield from read_entries(rows, len(header), _RowReader(header, options.timezone))


def _check_version(version: str | None) -> None:
    if version not in _VERSIONS:
        found = f"version {version}" if version else "no version"
        raise FileError(
            f"line 1: the export has {found}; allowed: {' or '.join(_VERSIONS)}, in "
            "front of Path"
        )


class _RowReader:
    """Reads rows with one header."""

    def __init__(self, header: list[str], timezone: tzinfo) -> None:
        columns = Columns(["Path", *header[1:]])
        self._event = columns.index("Event")
        self._bot = columns.index("Bot")
        self._date = columns.index("Date")
        self._timezone = timezone

    def __call__(self, line: int, row: list[str]) -> Entry:
        """Return the view in a row. Raises ValueError."""
        event, path = _BOOLEANS.get(row[self._event]), row[0]
        if event is None:
            raise ValueError(
                f"{quoted(row[self._event])} does not say whether it is an event; "
                f"allowed: {', '.join(_BOOLEANS)}"
            )
        if event:
            return LeftOut(line, "it is an event, not a view", path)
        if parse_views(row[self._bot]):
            return LeftOut(line, "it is a view of a crawler", path)
        return Views(
            line, "", path, 1, day_of_time(row[self._date], self._timezone, UTC)
        )


GOATCOUNTER_CSV = Format(
    "goatcounter-csv", "GoatCounter's CSV export", _recognizes, _read
)
