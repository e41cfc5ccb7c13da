"""The tracker's JSON export: totals and daily counts in one document."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import count as numbers_from
from typing import IO, Any, BinaryIO

from page_tracker.counting.model import Count
from page_tracker.counting.parsing import parse_day, quoted
from page_tracker.transfer.entries import FileError, parse_count

_FORMAT, _VERSION = "page-tracker", 1
_REQUIRED_KEYS = {"page", "views"}
_KEYS = _REQUIRED_KEYS | {"day"}
_NOT_AN_EXPORT = (
    f'this is not an export; allowed: {{"format": "{_FORMAT}", "version": {_VERSION}, '
    '"counts": […]}, as page-tracker export writes it'
)


def write_json(file: IO[str], counts: Iterable[Count]) -> None:
    """Write all counts as one JSON document, with a line for each count."""
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


def read_json(file: BinaryIO, today: date) -> Iterator[Count]:
    """Yield the counts of a JSON export. Raises FileError."""
    # Imported here, because nothing else needs it.
    import ijson  # pylint: disable=import-outside-toplevel

    number = 0
    try:
        _check_head(ijson.parse(file))
        file.seek(0)
        for number, entry in zip(numbers_from(1), ijson.items(file, "counts.item")):
            yield _count_of_entry(entry, today)
    except ijson.JSONError as error:
        reason = str(error).partition("\n")[0]
        raise FileError(
            f"the JSON is not valid after entry {number}: {reason}"
        ) from None
    except ValueError as error:
        where = f"entry {number}: " if number else ""
        raise FileError(f"{where}{error}") from None


def _check_head(events: Iterable[tuple[str, str, Any]]) -> None:
    """Read until it is clear that this is an export of a known version."""
    missing: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "counts": None}
    for name, event, value in events:
        if name in missing and event != "map_key":
            if event != "start_array" if name == "counts" else value != missing[name]:
                break
            del missing[name]
        if not missing:
            return
    raise ValueError(_NOT_AN_EXPORT)


def _count_of_entry(entry: object, today: date) -> Count:
    if not isinstance(entry, dict) or not _KEYS >= entry.keys() >= _REQUIRED_KEYS:
        raise ValueError(
            f"{quoted(str(entry))} is not an entry; allowed: an object with page and "
            "views, and optionally day"
        )
    return parse_count(
        entry["page"], entry["views"], _parse_entry_day(entry.get("day"), today)
    )


def _parse_entry_day(day: object, today: date) -> date | None:
    if day is None:
        return None
    try:
        if (parsed := parse_day(str(day))) <= today + timedelta(days=1):
            return parsed
    except ValueError:
        pass
    raise ValueError(
        f"day {quoted(str(day))} is not valid; allowed: a date such as {today}, not "
        "later than tomorrow"
    )
