"""Copies of sets of pages, which an export reads while views are counted.

Redis copies a small set in one step. For a large one, that would take seconds, in which
it would answer nothing else. So a large set is copied as an import stages it: in short
steps, while record.lua counts new views in both sets.
"""

import time
from contextlib import suppress
from typing import Any

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.keys import import_key, key_of, site_key, staged_key
from page_tracker.backends.redis.script_calls import (
    Argument,
    Call,
    Script,
    parse_integer,
)
from page_tracker.backends.redis.staging import (
    CARRY_OVER,
    DROP,
    DROP_WITHIN_S,
    PAGES_PER_STEP,
    Run,
)

_COPY, _BEGIN_COPY = Script("copy.lua"), Script("begin_copy.lua")
_END_COPY = Script("end_copy.lua")

# Redis copies this many pages within 15 ms.
_MOST_AT_ONCE = 10_000
_TRY_AGAIN_AFTER_S = 0.2


def copy_pages(run: Run, site: str, kind: str, copy: str) -> int:
    """Copy pages of a site to a key, and return their number.

    Waits while an import into the site or another copy is running, if the pages are
    many. Raises BackendError.
    """
    call = Call(_COPY, (key_of(site, kind), copy), (_MOST_AT_ONCE,), parse_integer)
    size: int = run.queues.call(call)
    if size >= 0:
        return size
    slow_copy = _SlowCopy(run, site, kind)
    while (copied := slow_copy.make(copy)) is None:
        time.sleep(_TRY_AGAIN_AFTER_S)
    return copied


class _SlowCopy:
    """Copies pages of a site in short steps."""

    def __init__(self, run: Run, site: str, kind: str) -> None:
        self._run = run
        self._site = site
        self._pages = key_of(site, kind)
        self._import, self._total = import_key(site), site_key(site)
        self._staged = staged_key(site, kind)
        self._replaced = staged_key(site, "replaced")

    def make(self, copy: str) -> int | None:
        """Return the number of copied pages; None to try again after a moment."""
        try:
            reply = self._make(copy)
        except BaseException:
            self._drop()
            raise
        if reply == b"changed":
            self._drop()
            raise BackendError(
                f"the counts of {self._site} were changed by an older version of the "
                "tracker, or by another program, while they were copied; export them "
                "again"
            )
        if reply in (b"busy", b"ended"):
            return None
        return int(reply)

    def _make(self, copy: str) -> Any:
        staged = self._staged, self._replaced
        reply = self._do(_BEGIN_COPY, (self._import, self._total, *staged))
        if reply != b"1":
            return reply
        keys, cursor = (self._import, self._pages, *staged), b"0"
        while True:
            cursor = self._do(CARRY_OVER, keys, cursor, PAGES_PER_STEP)
            if cursor == b"ended":
                return cursor
            if cursor == b"0":
                break
        keys = (self._import, self._total, self._staged, copy)
        return self._do(_END_COPY, keys)

    def _do(self, script: Script, keys: tuple[str, ...], *arguments: Argument) -> Any:
        call = Call(script, keys, (self._run.id, *arguments), lambda reply: [reply])
        (reply,) = self._run.do([call])
        return reply

    def _drop(self) -> None:
        """Delete what is staged. If this fails, it expires."""
        keys = self._import, self._staged, self._replaced
        call = Call(DROP, keys, (self._run.id,), parse_integer)
        with suppress(BackendError):
            queue = self._run.queues.of(self._import)
            queue.call(call, until=time.monotonic() + DROP_WITHIN_S)
