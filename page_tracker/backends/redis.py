"""Counts in Redis, or in Valkey, which speaks the same protocol."""

import os
import secrets
import time
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4
from weakref import WeakMethod

from redis.backoff import EqualJitterBackoff
from redis.exceptions import NoScriptError

from page_tracker.backends import redis_calls as calls
from page_tracker.backends.group_commit import GroupCommit, Pending
from page_tracker.backends.redis_calls import Call
from page_tracker.backends.redis_client import (
    ERRORS,
    Reply,
    open_client,
    passes,
    without_password,
)
from page_tracker.backends.redis_health import RedisHealth
from page_tracker.model import Page, Tally, View

_SALT_BYTES = 16
# So that what is lost three times in a row is sent a fourth time before the deadline.
_STEPS_PER_DEADLINE = 4
_PAUSES = EqualJitterBackoff(base=0.01, cap=0.25)

_Question = View | Call[Any]
_Pending = Pending[_Question, Any]
_Waiting = tuple[Call[Any], Sequence[_Pending]]


class RedisBackend:
    """Counts that outlive this process and are shared by all that use the same Redis.

    Views are counted exactly once, however often they must be sent: see record.lua.
    """

    kind = "redis"
    shared = True

    def __init__(self, url: str, *, deadline_s: float = 2.0) -> None:
        """Prepare to count at a URL, see check_redis_url(); connects later.

        Whatever is not answered after deadline_s seconds fails.
        """
        self._url = url
        self._deadline_s = deadline_s
        self._begin()
        begin = WeakMethod(self._begin)
        # What the parent has under way is not the child's: no batch, no connection.
        os.register_at_fork(after_in_child=lambda: (method := begin()) and method())

    def _begin(self) -> None:
        self._writer = uuid4().hex
        self._numbers = count(1)
        self._salts: dict[date, bytes] = {}
        self._health = RedisHealth(self._url)
        self._client = open_client(
            self._url, timeout_s=self._deadline_s / _STEPS_PER_DEADLINE
        )
        self._lanes: list[GroupCommit[_Question, Any]] = [
            GroupCommit(self._commit, deadline_s=self._deadline_s)
            for _ in range(self._client.lanes)
        ]

    def record(self, view: View) -> Tally:
        """Count one view, together with those that arrive meanwhile.

        Raises BackendError.
        """
        tally: Tally = self._lane(calls.site_key(view.page.site)).ask(view)
        return tally

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        call = calls.tally(page, day)
        tally: Tally = self._lane(call.keys[0]).ask(call)
        return tally

    def salt(self, day: date) -> bytes:
        """Return the day's secret: whoever asks first makes it. Raises BackendError."""
        if day not in self._salts:
            call = calls.salt(day, secrets.token_bytes(_SALT_BYTES))
            salt: bytes = self._lane(call.keys[0]).ask(call)
            yesterday = day - timedelta(days=1)
            kept = {d: known for d, known in self._salts.items() if d >= yesterday}
            self._salts = {**kept, day: salt}
            return salt
        return self._salts[day]

    def check(self) -> list[str]:
        """Return how Redis may lose counts, as found out at most 0.5 s ago.

        Raises BackendError if Redis does not answer, or says that it takes no views.
        """
        return self._health.check()

    def _lane(self, key: str) -> GroupCommit[_Question, Any]:
        return self._lanes[self._client.lane(key)]

    def _commit(self, batch: Sequence[_Pending]) -> None:
        """Send a batch until all of it is answered or has failed, or it is too late."""
        waiting = self._calls(batch)
        until = max(pending.until for pending in batch)
        tries = 0
        while waiting := self._try(waiting):
            tries += 1
            pause = _PAUSES.compute(tries)
            if time.monotonic() + pause > until:
                return
            time.sleep(pause)

    def _calls(self, batch: Sequence[_Pending]) -> list[_Waiting]:
        """Put the views of one site and day together, and number what comes of it."""
        waiting: list[_Waiting] = []
        together: dict[tuple[str, date], tuple[list[View], list[_Pending]]] = {}
        for pending in batch:
            question = pending.question
            if isinstance(question, View):
                key = question.page.site, question.day
                views, pendings = together.setdefault(key, ([], []))
                views.append(question)
                pendings.append(pending)
            else:
                waiting.append((question, (pending,)))
        for views, pendings in together.values():
            call = calls.record(self._writer, next(self._numbers), views)
            waiting.append((call, pendings))
        return waiting

    def _try(self, waiting: Sequence[_Waiting]) -> list[_Waiting]:
        """Send the calls once, hand out the answers, and return what to send again."""
        again = []
        replies = self._send([call for call, _ in waiting])
        for (call, pendings), reply in zip(waiting, replies, strict=True):
            try:
                if isinstance(reply, Exception):
                    raise reply
                for pending, answer in zip(pendings, call.read(reply), strict=True):
                    pending.answer(answer)
            except (*ERRORS, ValueError) as error:
                for pending in pendings:
                    if passes(error):
                        pending.error = error
                    else:
                        pending.fail(error)
                if passes(error):
                    again.append((call, pendings))
        return again

    def _send(self, sent: Sequence[Call[Any]]) -> list[Reply]:
        try:
            replies = self._client.execute([call.by_hash() for call in sent])
            forgotten = [
                place
                for place, reply in enumerate(replies)
                if isinstance(reply, NoScriptError)
            ]
            if forgotten:
                by_source = [sent[place].by_source() for place in forgotten]
                for place, reply in zip(forgotten, self._client.execute(by_source)):
                    replies[place] = reply
            return replies
        except ERRORS as error:
            return [without_password(error)] * len(sent)
