"""What an import stages in Redis for one site: the next generation of its counts.

An import prepares a new set of pages beside each one that it changes, in many short
steps, while record.lua counts new views in both. One last step then puts the new sets
in the place of the old ones: see switch.lua. So nobody ever sees a part of an import,
and no view waits long.

What is staged has the same keys in each run, so a run deletes what a killed one has
left. Otherwise it expires after a day.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count, groupby, islice
from typing import Any
from uuid import uuid4

from page_tracker.backends.protocol import ImportEndedError
from page_tracker.backends.redis.changing import (
    change_key,
    expiry_time,
    kept_days,
)
from page_tracker.backends.redis.keys import (
    import_key,
    imported_referrers_key,
    key_of,
    site_key,
    staged_key,
)
from page_tracker.backends.redis.reading import sizes_of
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.counting.model import FRONT_PAGE, Count, SiteImport

_BEGIN, _STAGE = Script("begin_import.lua"), Script("stage.lua")
CARRY_OVER, DROP = Script("carry_over.lua"), Script("drop_import.lua")

PAGES_PER_STEP = 500
"""Redis reads or stages this many counts within about a millisecond.

While it rewrites its append-only file, it may take ten times as long.
"""

DROP_WITHIN_S = 2.0
"""After an error, Redis may be down. What cannot be deleted in this time expires."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an import."""

    queues: RequestQueues
    replaces: bool
    today: date
    id: str = field(default_factory=lambda: uuid4().hex)

    def do(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Send the calls of a step, and return their results. Raises BackendError.

        Afterwards, Redis is left to views for as long as the step took.
        """
        begun = time.monotonic()
        results = self.queues.call_all(calls)
        time.sleep(time.monotonic() - begun)
        return results


class StagedSite:
    """The import of one site in one run."""

    def __init__(self, run: Run, site: str, added: SiteImport) -> None:
        self.site = site
        self._run = run
        self._added = added
        self._parts = count(1)
        # The sets of pages that change: that of a day, or None for the totals.
        self._sets: dict[date | None, None] = {}
        self._replaces_days = run.replaces and added.daily
        if self._replaces_days:
            self._sets |= dict.fromkeys(kept_days(run.today))

    def stage(self) -> None:
        """Stage all counts. Ends another import of this site. Raises BackendError."""
        keys = change_key(self.site), import_key(self.site), site_key(self.site)
        call = self._call(_BEGIN, (*keys, *self._staged_keys()), (self._run.id,))
        self._run.queues.call(call)
        counts = iter(self._added.counts)
        while part := list(islice(counts, PAGES_PER_STEP)):
            number = next(self._parts)
            self._run.do(
                [
                    self._stage(day, list(of_day), number)
                    for day, of_day in groupby(part, lambda each: each.day)
                ]
            )
        self._carry_over()

    def _stage(
        self, day: date | None, counts: Sequence[Count], number: int
    ) -> Call[Any]:
        self._sets[day] = None
        is_total, is_whole = day is None, self.site == FRONT_PAGE.site
        arguments: list[Argument] = [self._run.id, number]
        arguments += (int(is_total), int(self._run.replaces))
        arguments += (int(self._replaces_days), int(is_whole))
        for each in counts:
            arguments += (each.page.path, each.views)
        keys = (*self._keys_of_step(day), site_key(self.site))
        return self._call(_STAGE, keys, tuple(arguments))

    def _carry_over(self) -> None:
        """Add the stored pages that are not staged, in steps of similar size."""
        sets = list(self._sets)
        if not sets:
            return
        sizes = self._run.queues.call(
            sizes_of([self._keys_of_set(day)[0] for day in sets])
        )
        step, size = list[date | None](), 0
        for day, pages in zip(sets, sizes, strict=True):
            if step and size + pages > PAGES_PER_STEP:
                self._carry_over_sets(step)
                step, size = [], 0
            # While the import runs, views of new pages are also counted in what it has
            # staged. So nothing is missing from a set that was empty.
            if pages:
                step.append(day)
                size += pages
        self._carry_over_sets(step)

    def _carry_over_sets(self, sets: Sequence[date | None]) -> None:
        cursors = dict.fromkeys(sets, b"0")
        while cursors:
            replies = self._run.do(
                [
                    self._call(
                        CARRY_OVER,
                        self._keys_of_step(day),
                        (self._run.id, cursor, PAGES_PER_STEP),
                    )
                    for day, cursor in cursors.items()
                ]
            )
            after = zip(cursors, replies, strict=True)
            cursors = {day: cursor for day, cursor in after if cursor != b"0"}

    def drop(self) -> None:
        """Delete what is staged, unless another run has begun. Raises BackendError."""
        keys = import_key(self.site), *self._staged_keys()
        call = self._call(DROP, keys, (self._run.id,))
        queue = self._run.queues.of(keys[0])
        queue.call(call, until=time.monotonic() + DROP_WITHIN_S)

    def keys_to_switch(self) -> list[str]:
        """Return the keys of this site for switch.lua."""
        site = self.site
        keys = [key_of(site, "imports"), import_key(site), site_key(site)]
        keys += self._keys_of_set(None)
        keys += (staged_key(site, "replaced"), key_of(site, "first_day"))
        keys.append(imported_referrers_key(site))
        for day in self.days:
            keys += (*self._keys_of_set(day), key_of(site, f"views:{day}"))
        for day in self._added.visitors:
            keys += (
                key_of(site, f"visitors:{day}"),
                key_of(site, f"more_visitors:{day}"),
            )
        keys += [key_of(site, f"ignored:{day}") for day, _ in self._added.ignored]
        return keys

    def arguments_to_switch(self) -> list[Argument]:
        """Return the arguments of this site for switch.lua."""
        added = self._added
        span = "".join(f" {day}" for day in added.days or ())
        arguments: list[Argument] = [added.name, span, str(added.first_day or "")]
        arguments += (int(bool(added.referrers)), len(self.days))
        arguments += map(expiry_time, self.days)
        arguments.append(len(added.visitors))
        for day, visitors in added.visitors.items():
            arguments += (expiry_time(day), visitors)
        arguments.append(len(added.ignored))
        for (day, reason), views in added.ignored.items():
            arguments += (expiry_time(day), reason.value, views)
        return arguments

    @property
    def days(self) -> list[date]:
        """The days whose counts may change."""
        return [day for day in self._sets if day]

    def _staged_keys(self) -> tuple[str, ...]:
        days = dict.fromkeys([*kept_days(self._run.today), *self.days])
        kinds = ("pages", "replaced", *(f"day:{day}" for day in days))
        return tuple(staged_key(self.site, kind) for kind in kinds)

    def _keys_of_step(self, day: date | None) -> tuple[str, ...]:
        replaced = staged_key(self.site, "replaced")
        return import_key(self.site), *self._keys_of_set(day), replaced

    def _keys_of_set(self, day: date | None) -> tuple[str, str]:
        """Return the keys of pages, and of their next generation."""
        kind = f"day:{day}" if day else "pages"
        return key_of(self.site, kind), staged_key(self.site, kind)

    def _call(
        self, script: Script, keys: tuple[str, ...], arguments: tuple[Argument, ...]
    ) -> Call[bytes]:
        """Return the call of a step. It fails if this run has ended."""
        return Call(
            script,
            keys,
            arguments,
            lambda reply: [ImportEndedError(self.site) if reply == b"ended" else reply],
        )
