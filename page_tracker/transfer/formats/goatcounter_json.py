"""GoatCounter's JSON export, version 1: visits of each path by hour and referrer.

The format is documented in tpl/help/export-json.md of arp242/goatcounter. The number
is one of visits, because cron/hit_count.go counts only the first view of a path in a
session. The export does not say whether GoatCounter counted sessions at all.
"""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from page_tracker.counting.model import MAX_VIEWS
from page_tracker.counting.parsing import quoted
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import Entry, FileError, LeftOut, Options, Views
from page_tracker.transfer.fields import day_of_time
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.rows import errors_in, read_text

_INFO, _PATHS, _VIEWS = "info.json", "paths.jsonl", "hit_stats.jsonl"
_MAX_INFO_BYTES = 2**16

_Path = tuple[str, bool]
"""A path, or the name of an event, and whether it is an event."""


def _recognizes(document: Document) -> bool:
    return all(document.find(name) for name in (_INFO, _PATHS, _VIEWS))


def _read(document: Document, options: Options) -> Iterator[Entry]:
    with errors_in(document, _member(document, _INFO)):
        _check_version(_member(document, _INFO))
    with errors_in(document, _member(document, _PATHS)):
        paths = dict(_read_paths(_member(document, _PATHS)))
    with errors_in(document, _member(document, _VIEWS)):
        yield from _read_views(_member(document, _VIEWS), paths, options)


def _member(document: Document, name: str) -> Member:
    if member := document.find(name):
        return member
    raise FileError(f"the archive does not contain {name}; allowed: a whole export")


def _check_version(member: Member) -> None:
    with member.open() as file:
        try:
            version = json.loads(file.read(_MAX_INFO_BYTES))["export_version"]
        except (ValueError, TypeError, KeyError):
            version = None
    # Later versions 1 only add to what there is.
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        raise FileError(
            f"line 1: the export has version {quoted(str(version))}; allowed: 1.0, "
            "or a later version that begins with 1"
        )


def _read_paths(member: Member) -> Iterator[tuple[int, _Path]]:
    for line, values in _read_objects(member):
        number, path = values.get("id"), values.get("path")
        if not isinstance(number, int) or not isinstance(path, str):
            raise FileError(
                f"line {line}: the path is not valid; allowed: an object with the "
                'number "id" and the text "path"'
            )
        yield number, (path, bool(values.get("event")))


def _read_views(
    member: Member, paths: dict[int, _Path], options: Options
) -> Iterator[Entry]:
    for line, values in _read_objects(member):
        try:
            path_id, views, hour = _checked(values)
            day = day_of_time(hour, options.timezone, UTC)
        except ValueError as error:
            raise FileError(f"line {line}: {error}") from None
        path, is_event = paths.get(path_id, ("", False))
        if not path:
            yield LeftOut(line, f"{_PATHS} does not have its path", str(path_id))
        elif is_event:
            yield LeftOut(line, "it is an event, not a view", path)
        else:
            yield Views(line, "", path, views, day)


def _checked(values: dict[str, Any]) -> tuple[int, int, str]:
    """Return the ID of the path, the views and the hour. Raises ValueError."""
    match values:
        case {
            "path_id": int() as path_id,
            "count": int() as views,
            "hour": str() as hour,
        }:
            # JSON's true is an int in Python, too.
            if 0 <= views <= MAX_VIEWS and not isinstance(views, bool):
                return path_id, views, hour
    raise ValueError(
        'the views are not valid; allowed: an object with the number "path_id", the '
        f'time "hour", and "count" from 0 to {MAX_VIEWS}'
    )


def _read_objects(member: Member) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the JSON object in each line that is not empty."""
    with member.open() as file:
        for line, text in enumerate(read_text(file), 1):
            if not text:
                continue
            try:
                values = json.loads(text)
            except (ValueError, RecursionError):
                values = None
            if not isinstance(values, dict):
                raise FileError(
                    f"line {line}: {quoted(text)} is not a JSON object; allowed: one "
                    "in each line"
                )
            yield line, values


GOATCOUNTER_JSON = Format(
    "goatcounter-json",
    "GoatCounter's JSON export",
    _recognizes,
    _read,
    measure="visits",
    # An export that begins where another one ends repeats its last day.
    has_whole_days=True,
)
