"""Our own JSON: all counts in one document, with a line for each.

Version 1 has the views of pages: {"page", "views"}, and optionally "day". Version 2
also says of sites {"site", "first_day"}, and {"site", "day", "visitors", "ignored"}.
Version 3 also has {"site", "referrer", "views"}, and optionally "day". An increment has
the key "since", a day: it has no totals, and nothing of earlier days.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from itertools import count as numbers_from
from typing import IO, Any

from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS, Count, Ignored
from page_tracker.counting.parsing import parse_day, quoted
from page_tracker.counting.referrers import OTHERS, folded, parse_host
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    FirstDay,
    IgnoredViews,
    Options,
    ReferrerViews,
    Views,
    Visitors,
)
from page_tracker.transfer.formats.format import Format
from page_tracker.transfer.json_stream import JsonError, json_events, json_items

_FORMAT, _VERSION = "page-tracker", 3
_WITHOUT_REFERRERS = 2
_KNOWN_VERSIONS = (1, 2, 3)
_NOT_AN_EXPORT = (
    f'this is not an export; allowed: {{"format": "{_FORMAT}", "version": {_VERSION}, '
    '"counts": […]}, as page-tracker export writes it'
)
# A person may have sorted the keys.
_HEAD = re.compile(rb'\s*\{\s*"(?:format|version|since|counts)"\s*:')
_SINCE = re.compile(rb'\s*\{[^\[]*"since"\s*:\s*"')

_KEYS = ("format", "version", "since", "counts")
_FACTS = {"visitors", "ignored"}
_REASONS = tuple(reason.value for reason in Ignored)


def write_json(
    file: IO[str],
    entries: Iterable[dict[str, Any]],
    since: date | None,
    *,
    has_referrers: bool = False,
) -> None:
    """Write entries as one JSON document, with a line for each.

    With a day since which there are counts, the document is an increment. Without
    referrers, earlier versions of the tracker can read it, too.
    """
    version = _VERSION if has_referrers else _WITHOUT_REFERRERS
    head: dict[str, Any] = {"format": _FORMAT, "version": version}
    if since is not None:
        head["since"] = since.isoformat()
    file.write(json.dumps(head | {"counts": []}).removesuffix("]}"))
    separator = "\n"
    for entry in entries:
        file.write(separator + json.dumps(entry))
        separator = ",\n"
    file.write("\n]}\n")


def entry_of_count(count: Count) -> dict[str, Any]:
    """Return the entry of the views of a page."""
    entry: dict[str, Any] = {"page": str(count.page), "views": count.views}
    if count.day is not None:
        entry["day"] = count.day.isoformat()
    return entry


def entry_of_referrer(
    site: str, referrer: str, views: int, day: date | None
) -> dict[str, Any]:
    """Return the entry of the views that a referrer brought."""
    entry = {"site": site or str(FRONT_PAGE), "referrer": referrer, "views": views}
    return entry if day is None else entry | {"day": day.isoformat()}


def entry_of_first_day(site: str, day: date) -> dict[str, Any]:
    """Return the entry of the first day of a site."""
    return {"site": site or str(FRONT_PAGE), "first_day": day.isoformat()}


def entry_of_day(
    site: str, day: date, visitors: int, ignored: Mapping[Ignored, int]
) -> dict[str, Any]:
    """Return the entry of a day of a site."""
    entry: dict[str, Any] = {"site": site or str(FRONT_PAGE), "day": day.isoformat()}
    if visitors:
        entry["visitors"] = visitors
    if ignored:
        entry["ignored"] = {reason.value: views for reason, views in ignored.items()}
    return entry


def _read(
    document: Document, options: Options, *, is_increment: bool
) -> Iterator[Entry]:
    (member,) = document.members
    number = 0
    try:
        head = _read_head(member)
        if bool(head.get("since")) != is_increment:
            raise ValueError(
                "this is an increment; allowed: --format page-tracker-increment"
                if head.get("since")
                else 'the export has no "since"; allowed: --format page-tracker'
            )
        if is_increment:
            parse_day(str(head["since"]))
        with member.open() as file:
            for number, entry in zip(numbers_from(1), json_items(file, "counts.item")):
                for each in _parse_entry(number, entry, options.today):
                    has_day = not isinstance(each, Views | ReferrerViews) or each.day
                    if is_increment and not has_day:
                        raise ValueError(
                            "the views have no day; allowed in an increment: views "
                            "of a day"
                        )
                    yield each
    except FileError:
        raise
    except JsonError as error:
        raise FileError(
            f"the JSON is not valid after entry {number}: {error}"
        ) from None
    except ValueError as error:
        where = f"entry {number}: " if number else ""
        raise FileError(f"{where}{error}") from None


def _read_head(member: Member) -> dict[str, Any]:
    """Read until it is clear that this is an export of a known version."""
    found: dict[str, Any] = {}
    with member.open() as file:
        for name, event, value in json_events(file):
            if event in ("map_key", "end_array") or name not in _KEYS:
                continue
            if name == "counts" and event != "start_array":
                break
            found[name] = value
            if {"format", "version", "counts"} <= found.keys():
                break
    if found.get("format") != _FORMAT or "counts" not in found:
        raise ValueError(_NOT_AN_EXPORT)
    if found.get("version") not in _KNOWN_VERSIONS:
        known = " or ".join(map(str, _KNOWN_VERSIONS))
        raise ValueError(
            f"the export has version {quoted(str(found.get('version')))}; allowed: "
            f"{known}; upgrade page-tracker"
        )
    return found


def _parse_entry(number: int, entry: object, today: date) -> Iterator[Entry]:
    match entry:
        case {"page": str() as page, "views": views, **more} if more.keys() <= {"day"}:
            day = more.get("day")
            day = None if day is None else _parse_day(day, today)
            yield Views(number, "", page, _parse_number("views", views), day)
        case {"site": str() as site, "first_day": day, **more} if not more:
            yield FirstDay(number, _host(site), _parse_day(day, today))
        case {
            "site": str() as site,
            "referrer": str() as name,
            "views": views,
            **more,
        } if more.keys() <= {"day"}:
            day = None if "day" not in more else _parse_day(more["day"], today)
            parsed_name = name if name == OTHERS else folded(parse_host(name))
            number_of_views = _parse_number("views", views)
            yield ReferrerViews(number, _host(site), parsed_name, number_of_views, day)
        case {"site": str() as site, "day": day, **facts} if facts.keys() <= _FACTS:
            parsed = _parse_day(day, today)
            if "visitors" in facts:
                visitors = _parse_number("visitors", facts["visitors"])
                yield Visitors(number, _host(site), parsed, visitors)
            for reason, views in _parse_ignored(facts.get("ignored", {})):
                yield IgnoredViews(number, _host(site), parsed, reason, views)
        case _:
            raise ValueError(
                f"{quoted(str(entry))} is not an entry; allowed: an object with page "
                "and views, and optionally day; or with site, and first_day, or "
                "referrer, views, and optionally day, or day, visitors and ignored"
            )


def _host(site: str) -> str:
    return "" if site == str(FRONT_PAGE) else site


def _parse_number(name: str, value: object) -> int:
    # In Python, True is an int.
    if isinstance(value, int) and value is not True and 0 <= value <= MAX_VIEWS:
        return int(value)
    raise ValueError(
        f"{name} {quoted(str(value))} is not valid; allowed: a whole number from 0 to "
        f"{MAX_VIEWS}, without separators"
    )


def _parse_day(day: object, today: date) -> date:
    try:
        parsed = parse_day(str(day))
        if parsed <= today or parsed == today + timedelta(days=1):
            return parsed
    except ValueError:
        pass
    raise ValueError(
        f"day {quoted(str(day))} is not valid; allowed: a date such as {today}, not "
        "later than tomorrow"
    )


def _parse_ignored(ignored: object) -> Iterator[tuple[Ignored, int]]:
    if not isinstance(ignored, dict):
        raise ValueError(
            f"ignored {quoted(str(ignored))} is not valid; allowed: an object with "
            "numbers of views by reason"
        )
    for reason, views in ignored.items():
        if reason not in _REASONS:
            raise ValueError(
                f"{quoted(reason)} is not a reason; allowed: {', '.join(_REASONS)}"
            )
        yield Ignored(reason), _parse_number("ignored views", views)


def _recognizes(document: Document, *, is_increment: bool) -> bool:
    only = document.only
    return (
        only is not None
        and _HEAD.match(only.head) is not None
        and (_SINCE.match(only.head) is not None) == is_increment
    )


OWN_JSON = Format(
    "page-tracker",
    "page-tracker JSON",
    partial(_recognizes, is_increment=False),
    partial(_read, is_increment=False),
    is_own=True,
    has_totals=True,
)
OWN_INCREMENT = Format(
    "page-tracker-increment",
    "page-tracker JSON with --since",
    partial(_recognizes, is_increment=True),
    partial(_read, is_increment=True),
    is_own=True,
)
