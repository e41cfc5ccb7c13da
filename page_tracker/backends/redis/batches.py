"""Batches of views that the owner brings: all of them count, or none, and only once.

The views of one site and day are one call of record.lua. With more than one, the calls
are first written down in a journal, and then sent. A batch that was interrupted goes on
when it is sent again, or when any process looks for such batches. A call that is sent
twice counts once, as its name is that of the batch.
"""

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis.admission import NO_LIMIT, admit
from page_tracker.backends.redis.keys import key_of, site_of
from page_tracker.backends.redis.recording import WRITER, record, salt_of
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import (
    Argument,
    Call,
    Script,
    parse_integer,
)
from page_tracker.counting.model import Limits, Tally, View
from page_tracker.counting.pseudonyms import new_salt

_log = logging.getLogger("page_tracker")

_JOURNAL, _NOTE_COUNTED = Script("journal.lua"), Script("note_counted.lua")
_END_BATCH = Script("end_batch.lua")
_BATCHES, _HAS_ROOM = Script("batches.lua"), Script("has_room.lua")
_RECORD, _LET_EXPIRE = Script("record.lua"), Script("let_expire.lua")

# These keys belong to the tracker's own site, so they cannot collide with another site.
_BEGUN = key_of("", "batches")
_COUNTED, _BEGUN_NOW = "-", "+"
# A batch that began so long ago is no longer running.
_RUNNING_S = 60.0
_LOOK_EVERY_S = 60.0
_ANY_NUMBER_OF_PAGES = 2**53


class Batches:
    """Records batches, and finishes those that were interrupted."""

    def __init__(
        self, queues: RequestQueues, counting: RequestQueues, limits: Limits
    ) -> None:
        self._queues = queues
        # Each view of a batch counts. Its time is not known, so nothing is a repeat.
        self._limits = replace(limits, repeats_s=0)
        self._counting = counting
        self._next_look = time.monotonic() + _LOOK_EVERY_S

    def look(self) -> None:
        """Finish batches whose process has died, in the background, once a minute.

        Few processes bring batches, so this looks over a connection that all have.
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_EVERY_S
            # Nobody must wait for them. A view that has counted must not fail either if
            # no thread can be started. The next look comes in a minute.
            with suppress(RuntimeError):
                threading.Thread(target=self._finish_others, daemon=True).start()

    def record(self, views: Sequence[View], name: str, today: date) -> None:
        """Count views once for each name. Raises BackendError, LimitReachedError."""
        self.look()
        # The name of a key need not be readable.
        name = sha256(name.encode()).hexdigest()[:32]
        groups: defaultdict[tuple[str, date], list[View]] = defaultdict(list)
        for view in views:
            groups[view.page.site, view.day].append(view)
        if len(groups) == 1:
            self._prepare(views)
            calls = self._calls([[*views]], name, self._limits, today)
            self._count(calls)
            return
        calls = []
        text = self._journal(name, "")
        if not text:
            self._prepare(views)
            # What has begun must not fail for a limit.
            limits = replace(self._limits, pages_per_site=_ANY_NUMBER_OF_PAGES)
            calls = self._calls([*groups.values()], name, limits, today)
            text = self._journal(name, _text_of(calls))
        if text != _COUNTED:
            self._finish(name, calls if text == _BEGUN_NOW else _calls_of(text))

    def _finish_others(self) -> None:
        try:
            begun = self._counting.call(Call(_BATCHES, (_BEGUN,), (), _parse_batches))
        except BackendError:
            # Whoever counts or checks finds out that Redis does not answer.
            return
        for name, text in begun.items():
            if time.time() - json.loads(text)["begun"] > _RUNNING_S:
                try:
                    if self._journal(name, "") == _COUNTED:
                        self._end(name, _calls_of(text))
                    else:
                        self._finish(name, _calls_of(text))
                except BackendError as error:
                    _log.warning("A batch of views could not be finished: %s", error)

    def _prepare(self, views: Sequence[View]) -> None:
        """Admit the sites if the limits allow all views. Raises LimitReachedError."""
        self._check_room(views)
        admit(self._queues, self._limits.sites, *(view.page.site for view in views))

    def _check_room(self, views: Sequence[View]) -> None:
        """Raise LimitReachedError unless the limit allows the pages of all sites."""
        paths: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for view in views:
            paths[view.page.site][view.page.path] = None
        most = self._limits.pages_per_site
        calls = [
            Call(_HAS_ROOM, (key_of(site, "pages"),), (most, *named), parse_integer)
            for site, named in paths.items()
        ]
        for site, has_room in zip(paths, self._queues.call_all(calls), strict=True):
            if not has_room:
                raise LimitReachedError.of_pages(site, most)

    def _calls(
        self, groups: Sequence[list[View]], name: str, limits: Limits, today: date
    ) -> list[Call[None]]:
        """Return a call for each group, of views of one site and day."""
        days = {
            views[0].day
            for views in groups
            if any(view.visitor is not None for view in views)
        }
        read = self._queues.call_all([salt_of(day, new_salt()) for day in days])
        salts: dict[date, bytes] = dict(zip(days, read, strict=True))
        in_journal = len(groups) > 1
        calls = []
        for views in groups:
            salt = salts.get(views[0].day)
            call = record(
                name, 1, views, salt, limits, today=today, in_journal=in_journal
            )
            calls.append(_as_one(call))
        return calls

    def _journal(self, name: str, text: str) -> str:
        call = Call(
            _JOURNAL, _keys_of(name), (name, text), lambda reply: [reply.decode()]
        )
        kept: str = self._queues.call(call)
        return kept

    def _count(self, calls: Sequence[Call[None]]) -> None:
        self._queues.call_all(calls)
        # The sites may have been deleted or merged since they were admitted.
        admit(self._queues, NO_LIMIT, *(site_of(call.keys[0]) for call in calls))

    def _finish(self, name: str, calls: Sequence[Call[None]]) -> None:
        self._count(calls)
        # Before Redis may forget which calls have counted.
        keys = _keys_of(name)[1:]
        self._queues.call(Call(_NOTE_COUNTED, keys, (), parse_integer))
        self._end(name, calls)

    def _end(self, name: str, calls: Sequence[Call[None]]) -> None:
        """Forget a batch that has counted. Redis remembers for 48 hours that it has."""
        writers: defaultdict[str, list[str]] = defaultdict(list)
        for call in calls:
            writers[call.keys[0]].append(call.keys[WRITER])
        self._queues.call_all(
            [
                Call(_LET_EXPIRE, tuple(keys), (), parse_integer)
                for keys in writers.values()
            ]
        )
        self._queues.call(Call(_END_BATCH, _keys_of(name), (name,), parse_integer))


def _keys_of(name: str) -> tuple[str, str]:
    return _BEGUN, key_of("", f"batch:{name}")


def _as_one(call: Call[Tally]) -> Call[None]:
    """Return a call whose only result is the first error, if there is one."""

    def parse(reply: bytes) -> list[None | BackendError]:
        errors = (each for each in call.parse(reply) if isinstance(each, BackendError))
        return [next(errors, None)]

    return Call(call.script, call.keys, call.arguments, parse)


def _text_of(calls: Sequence[Call[None]]) -> str:
    """Return the calls as they are written down. They contain pseudonyms only."""
    written = [
        {"keys": call.keys, "arguments": [*map(_written, call.arguments)]}
        for call in calls
    ]
    return json.dumps({"begun": time.time(), "calls": written})


def _written(argument: Argument) -> str | int | list[str]:
    return [argument.hex()] if isinstance(argument, bytes) else argument


def _calls_of(text: str) -> list[Call[None]]:
    """Return the calls that have been written down."""
    return [_call_from(each) for each in json.loads(text)["calls"]]


def _call_from(written: dict[str, list[str | int | list[str]]]) -> Call[None]:
    arguments = tuple(
        bytes.fromhex(each[0]) if isinstance(each, list) else each
        for each in written["arguments"]
    )
    keys = tuple(map(str, written["keys"]))
    return Call(_RECORD, keys, arguments, lambda _: [None])


def _parse_batches(reply: list[bytes]) -> list[dict[str, str]]:
    texts = [text.decode() for text in reply]
    return [dict(zip(texts[::2], texts[1::2], strict=True))]
