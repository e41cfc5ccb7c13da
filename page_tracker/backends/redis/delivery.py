"""Batches on their way to Redis: numbered, and sent until they are answered."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from redis.backoff import EqualJitterBackoff
from redis.exceptions import NoScriptError

from page_tracker.backends.group_commit import Pending
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.connections import (
    ERRORS,
    Client,
    Reply,
    passes,
    shortened,
)
from page_tracker.backends.redis.recording import Reading, record, salt_of, tally
from page_tracker.backends.redis.script_calls import Call
from page_tracker.counting.model import Limits, View
from page_tracker.counting.pseudonyms import new_salt
from page_tracker.operations.metrics import Metrics

_PAUSES = EqualJitterBackoff(base=0.01, cap=0.25)
_NO_SALT_S = 1.0

Question = View | Reading | Call[Any]
_Pending = Pending[Question, Any]
_Waiting = tuple[Call[Any], Sequence[_Pending]]


class Delivery:
    """Brings batches to Redis in the name of one writer, whose numbers rise."""

    def __init__(self, client: Client, limits: Limits, metrics: Metrics) -> None:
        self._client = client
        self._limits = limits
        self._metrics = metrics
        self._writer = uuid4().hex
        self._numbers = count(1)
        self._salts: dict[date, bytes] = {}
        self._no_salt_until = 0.0

    def commit(self, batch: Sequence[_Pending]) -> None:
        """Send a batch until all of it is answered or has failed, or it is too late."""
        begun = time.monotonic()
        waiting = self._calls(batch)
        until = max(pending.until for pending in batch)
        tries = 0
        # Looked at each time, so that who was stopped meanwhile sends nothing late.
        while waiting and time.monotonic() <= until:
            if tries:
                self._metrics.sent_again(len(waiting))
            waiting = self._try(waiting)
            if waiting:
                tries += 1
                time.sleep(_PAUSES.compute(tries))
        self._metrics.committed(time.monotonic() - begun)

    def _calls(self, batch: Sequence[_Pending]) -> list[_Waiting]:
        """Put together what is asked of one site and day, and number what counts."""
        waiting: list[_Waiting] = []
        views: defaultdict[tuple[str, date], list[_Pending]] = defaultdict(list)
        readings: defaultdict[tuple[str, date], list[_Pending]] = defaultdict(list)
        for pending in batch:
            match pending.question:
                case View(page, day):
                    views[page.site, day].append(pending)
                case Reading(page, day):
                    readings[page.site, day].append(pending)
                case call:
                    waiting.append((call, (pending,)))
        for (_, day), pendings in views.items():
            viewed: list[Any] = [pending.question for pending in pendings]
            number, salt = next(self._numbers), self._salt(day)
            call = record(self._writer, number, viewed, salt, self._limits)
            waiting.append((call, pendings))
            self._metrics.sent(len(pendings))
        for pendings in readings.values():
            asked: list[Any] = [pending.question for pending in pendings]
            waiting.append((tally(asked), pendings))
        return waiting

    def _salt(self, day: date) -> bytes | None:
        """Return the day's secret: whoever asks first makes it. None if it fails.

        Then it is not asked for again at once: visitors are an estimate, and views
        shall not wait for them.
        """
        salt = self._salts.get(day)
        if salt is None and time.monotonic() >= self._no_salt_until:
            (reply,) = self._send([salt_of(day, new_salt())])
            if not isinstance(reply, bytes):
                self._no_salt_until = time.monotonic() + _NO_SALT_S
                return None
            yesterday = day - timedelta(days=1)
            kept = {d: old for d, old in self._salts.items() if d >= yesterday}
            self._salts = {**kept, day: reply}
            return reply
        return salt

    def _try(self, waiting: Sequence[_Waiting]) -> list[_Waiting]:
        """Send the calls once, hand out the answers, and return what to send again."""
        again = []
        replies = self._send([call for call, _ in waiting])
        for (call, pendings), reply in zip(waiting, replies, strict=True):
            try:
                _hand_out(call, reply, pendings)
            except (*ERRORS, ValueError) as error:
                if passes(error):
                    again.append((call, pendings))
                    for pending in pendings:
                        pending.error = error
                else:
                    for pending in pendings:
                        pending.fail(error)
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
            return [error] * len(sent)


def _hand_out(call: Call[Any], reply: Reply, pendings: Sequence[_Pending]) -> None:
    """Give each who waits its answer. Raises the reply if it is an error."""
    if isinstance(reply, Exception):
        raise shortened(reply)
    for pending, answer in zip(pendings, call.read(reply), strict=True):
        if isinstance(answer, BackendError):
            pending.fail(answer)
        else:
            pending.answer(answer)
