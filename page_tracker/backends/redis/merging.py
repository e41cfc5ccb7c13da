"""Merges of pages and sites, in slices between which views are counted.

Pages of one site are in one slot, so one script moves them. Two sites may be on
different servers. So what is taken out of a site is kept in a journal beside it until
it is added to the other one. Each slice is added once, because the other site remembers
its name. If the merge is killed, the same merge again goes on with the journal.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.admission import NO_LIMIT, admit
from page_tracker.backends.redis.changing import (
    change_key,
    expiry_time,
    forget_site,
    kept_days,
)
from page_tracker.backends.redis.keys import (
    import_key,
    imported_referrers_key,
    key_of,
    site_key,
)
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.backends.redis.staging import Run

_MERGE_PAGES = Script("merge_pages.lua")
_TAKE, _ADD = Script("take_slice.lua"), Script("add_slice.lua")
_DROP_SLICE, _DROP_COPIED = Script("drop_slice.lua"), Script("drop_copied.lua")
_READ, _ADD_VISITORS = Script("read_facts.lua"), Script("add_visitors.lua")
_IMPORTS, _ADD_FACTS = Script("imports.lua"), Script("add_facts.lua")
_DROP = Script("drop.lua")

# With counts on 400 days, Redis merges so many pages within a few milliseconds.
_PAGES_PER_STEP = 10
# Redis takes or adds so many counts within about a millisecond.
_PAGES_PER_SLICE = 500
# A HyperLogLog has up to 12 KB.
_VISITORS_PER_STEP = 20

_Slice = dict[str, Any]


def merge_pages(run: Run, site: str, into: Mapping[str, str]) -> None:
    """Merge pages of a site. Raises BackendError."""
    moves = list(into.items())
    keys = [import_key(site), key_of(site, "pages")]
    keys += [key_of(site, f"day:{day}") for day in kept_days(run.today)]
    for begin in range(0, len(moves), _PAGES_PER_STEP):
        paths = [
            path for move in moves[begin : begin + _PAGES_PER_STEP] for path in move
        ]
        _do(run, _MERGE_PAGES, (change_key(site), *keys), *paths)


def merge_sites(run: Run, site: str, into: str) -> None:
    """Merge a site into another one, and forget it. Raises BackendError."""
    is_admitted = is_last = False
    while not is_last and (taken := _take(run, site, into)):
        if not is_admitted:
            admit(run.queues, NO_LIMIT, into)
            is_admitted = True
        _add(run, site, into, taken)
        _do(run, _DROP_SLICE, (_journal_key(site),), taken["id"])
        is_last = taken.get("is_last", False)
    _copy_facts(run, site, into)
    days = kept_days(run.today)
    for begin in range(0, len(days), _VISITORS_PER_STEP):
        _copy_visitors(run, site, into, days[begin : begin + _VISITORS_PER_STEP])
    # The links show the site, not what it has become a part of.
    _do(run, _DROP, (key_of(site, "shares"),))
    run.do([forget_site(site)])
    if any(_do(run, _READ, (site_key(site),))):
        # Views that were counted under the name since then stay there.
        admit(run.queues, NO_LIMIT, site)


def _journal_key(site: str) -> str:
    """Return the key of counts that are taken out of a site until they are added."""
    return key_of(site, "merging")


def _take(run: Run, site: str, into: str) -> _Slice | None:
    """Take the next slice out of a site, or the one that a killed merge has taken."""
    name = uuid4().hex
    keys = [key_of(site, f"change:{name}"), _journal_key(site), import_key(site)]
    keys += [site_key(site), key_of(site, "pages"), key_of(site, "referrers")]
    for day in kept_days(run.today):
        for what in ("day", "views", "ignored", "more_visitors", "referrers"):
            keys.append(key_of(site, f"{what}:{day}"))
    reply = _do(run, _TAKE, tuple(keys), name, into, _PAGES_PER_SLICE)
    if not reply:
        return None
    taken: _Slice = json.loads(reply)
    if taken["into"] != into:
        raise BackendError(
            f"a merge of {site} into {taken['into']} has not ended; run it again first"
        )
    return taken


def _add(run: Run, site: str, into: str, taken: _Slice) -> None:
    """Add a slice to a site, unless it has been added."""
    numbers: dict[str, int] = {}
    found = taken.get("slice", {})
    # Lua writes an empty list as an empty object.
    entries = {
        kind: [
            [numbers.setdefault(name, len(numbers) + 1), *values]
            for name, *values in found.get(kind, ())
        ]
        for kind in ("scores", "numbers", "fields")
    }
    keys = [key_of(into, f"change:{taken['id']}"), key_of(into, "merged")]
    keys.append(import_key(into))
    arguments: list[Argument] = [site, taken["id"]]
    for name in numbers:
        keys.append(key_of(into, name) if name else site_key(into))
        _, _, day = name.partition(":")
        arguments.append(expiry_time(date.fromisoformat(day)) if day else "")
    _do(run, _ADD, tuple(keys), *arguments, json.dumps(entries))


def _copy_facts(run: Run, site: str, into: str) -> None:
    """Copy the imports and the first day of a site, and drop them there."""
    imports, first_day = key_of(site, "imports"), key_of(site, "first_day")
    stored = _do(run, _IMPORTS, (imports,))
    (day,) = _do(run, _READ, (first_day,))
    if stored or day:
        keys = key_of(into, "imports"), key_of(into, "first_day")
        _do(run, _ADD_FACTS, keys, day, *stored)
        _do(run, _DROP, (imports, imported_referrers_key(site)))
        _do(run, _DROP_COPIED, (first_day,), day)


def _copy_visitors(run: Run, site: str, into: str, days: list[date]) -> None:
    """Copy the visitors of days, and drop them unless there are more by now."""
    keys = tuple(key_of(site, f"visitors:{day}") for day in days)
    while stored := [
        each for each in zip(days, keys, _do(run, _READ, keys), strict=True) if each[2]
    ]:
        for day, key, visitors in stored:
            unused = key_of(into, f"merging:{uuid4().hex}")
            added = key_of(into, f"visitors:{day}"), unused
            _do(run, _ADD_VISITORS, added, visitors, expiry_time(day))
            _do(run, _DROP_COPIED, (key,), visitors)


def _do(run: Run, script: Script, keys: tuple[str, ...], *arguments: Argument) -> Any:
    """Call a script, and leave Redis to views for as long as it took."""
    (reply,) = run.do([Call(script, keys, arguments, lambda reply: [reply])])
    return reply
