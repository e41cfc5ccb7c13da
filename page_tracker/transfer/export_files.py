"""Files of counts: written and read one count at a time, however many there are."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from hashlib import blake2b
from itertools import count as numbers_from
from typing import IO, Any, BinaryIO

from page_tracker.cli.arguments import page_named
from page_tracker.counting.model import MOST_VIEWS, Count
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.parsing import quoted
from page_tracker.counting.rules import parse_day

_FORMAT, _VERSION = "page-tracker", 1
_COLUMNS = ("page", "views")
_KEYS = {"page", "views", "day"}
# Longer than any page's name, and what an editor would still show.
_LONGEST_LINE = 2**16
_NO_EXPORT = (
    f'no export; allowed: {{"format": "{_FORMAT}", "version": {_VERSION}, '
    '"counts": […]}, as page-tracker export writes it'
)


class FileError(ValueError):
    """A file cannot be taken in. Its text says where, why, and what is allowed."""


def write_csv(file: IO[str], counts: Iterable[Count]) -> None:
    """Write the views of pages, of all time: RFC 4180, but for lines that end in LF."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((count.page, count.views) for count in counts)


def write_json(file: IO[str], counts: Iterable[Count]) -> None:
    """Write all counts as one document, with a line for each of them."""
    head = json.dumps({"format": _FORMAT, "version": _VERSION, "counts": []})
    file.write(head.removesuffix("]}"))
    separator = "\n"
    for count in counts:
        file.write(separator + json.dumps(_entry(count)))
        separator = ",\n"
    file.write("\n]}\n")


def _entry(count: Count) -> dict[str, str | int]:
    entry: dict[str, str | int] = {"page": str(count.page), "views": count.views}
    if count.day is not None:
        entry["day"] = count.day.isoformat()
    return entry


def read_counts(file: BinaryIO, today: date) -> Iterator[Count]:
    """Yield the counts of an export in JSON, or of a CSV file, told by how it begins.

    Raises FileError.
    """
    file.seek(0)
    begin = file.read(_LONGEST_LINE)
    file.seek(0)
    if begin.lstrip().startswith(b"{"):
        return _read_json(file, today)
    return _read_csv(file)


def hashed(counts: Iterable[Count], digest: blake2b) -> Iterator[Count]:
    """Yield the counts, and have the digest know them."""
    for count in counts:
        digest.update(f"{count.page}\n{count.day}\n{count.views}\n".encode())
        yield count


def _read_csv(file: BinaryIO) -> Iterator[Count]:
    rows = csv.reader(_lines(file), strict=True, skipinitialspace=True)
    try:
        page, views = _places(next(rows, []))
        for row in rows:
            # An empty line is none.
            if row:
                yield _count_of_row(row, page, views)
    except (csv.Error, ValueError) as error:
        line = max(rows.line_num, 1)
        raise FileError(f"line {line}: {error}") from None


def _lines(file: BinaryIO) -> Iterator[str]:
    encoding = "utf-8-sig"
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise ValueError(f"longer than {_LONGEST_LINE} bytes, which are allowed")
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError:
            raise ValueError("not valid UTF-8, which is allowed") from None
        encoding = "utf-8"


def _places(header: list[str]) -> tuple[int, int]:
    names = [name.strip().lower() for name in header]
    for column in _COLUMNS:
        if names.count(column) != 1:
            raise ValueError(
                f"{names.count(column) or 'no'} columns {column!r}; allowed: a header "
                "with one column page and one column views, separated by commas"
            )
    page, views = map(names.index, _COLUMNS)
    return page, views


def _count_of_row(row: list[str], page: int, views: int) -> Count:
    if len(row) <= max(page, views):
        raise ValueError(
            f"{len(row)} columns, and the header has more; allowed: as many"
        )
    text = row[views].rstrip()
    # Python's own int() would take " 1_0 " for 10.
    number = int(text) if re.fullmatch("[0-9]{1,16}", text) else text
    return _count(row[page].rstrip(), number, None)


def _read_json(file: BinaryIO, today: date) -> Iterator[Count]:
    # Here, since nothing else needs it.
    import ijson  # pylint: disable=import-outside-toplevel

    number = 0
    try:
        _check_head(ijson.parse(file))
        file.seek(0)
        for number, entry in zip(numbers_from(1), ijson.items(file, "counts.item")):
            yield _count_of_entry(entry, today)
    except ijson.JSONError as error:
        reason = str(error).partition("\n")[0]
        raise FileError(f"no proper JSON behind entry {number}: {reason}") from None
    except ValueError as error:
        where = f"entry {number}: " if number else ""
        raise FileError(f"{where}{error}") from None


def _check_head(events: Iterable[tuple[str, str, Any]]) -> None:
    """Read up to where it is clear that this is an export, and one that is known."""
    missing: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "counts": None}
    for name, event, value in events:
        if name in missing and event != "map_key":
            if event != "start_array" if name == "counts" else value != missing[name]:
                break
            del missing[name]
        if not missing:
            return
    raise ValueError(_NO_EXPORT)


def _count_of_entry(entry: object, today: date) -> Count:
    if not isinstance(entry, dict) or not _KEYS >= entry.keys() >= set(_COLUMNS):
        raise ValueError(
            f"{quoted(str(entry))}; allowed: an object with page, views and maybe day"
        )
    return _count(entry["page"], entry["views"], _day(entry.get("day"), today))


def _day(day: object, today: date) -> date | None:
    if day is None:
        return None
    try:
        if (parsed := parse_day(str(day))) <= today + timedelta(days=1):
            return parsed
    except ValueError:
        pass
    raise ValueError(
        f"day {quoted(str(day))}; allowed: a date such as {today}, up to tomorrow's"
    )


def _count(page: object, views: object, day: date | None) -> Count:
    if not isinstance(page, str):
        raise ValueError(f"page {quoted(str(page))}; allowed: a text")
    # To Python, True is an int.
    if (
        isinstance(views, bool)
        or not isinstance(views, int)
        or not 0 <= views <= MOST_VIEWS
    ):
        raise ValueError(
            f"views {quoted(str(views))}; allowed: a whole number from 0 to "
            f"{MOST_VIEWS}, without separators"
        )
    try:
        return Count(page_named(page), views, day)
    except PageNameError as error:
        raise ValueError(f"page {quoted(page)}: {error}") from None
