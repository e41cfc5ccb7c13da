"""Delivery of batches to Redis: each is numbered, and sent until Redis answers."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from math import inf
from typing import Any
from uuid import uuid4

from redis.backoff import EqualJitterBackoff
from redis.exceptions import NoScriptError

from page_tracker.backends.group_commit import Pauses, Pending
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.causes import explained
from page_tracker.backends.redis.connections import (
    ERRORS,
    Client,
    Reply,
    is_transient,
    redacted,
)
from page_tracker.backends.redis.recording import TallyRequest, record, salt_of, tally
from page_tracker.backends.redis.script_calls import Call
from page_tracker.counting.model import Limits, View
from page_tracker.counting.pseudonyms import new_salt
from page_tracker.operations.metrics import Metrics

_PAUSES = EqualJitterBackoff(base=0.01, cap=0.25)
_NO_SALT_S = 1.0

Request = View | TallyRequest | Call[Any]
_Pending = Pending[Request, Any]
_SharedCall = tuple[Call[Any], Sequence[_Pending]]
"""A call, and the requests that its reply answers."""


class Delivery:
    """Sends batches to Redis as one writer, which numbers them in ascending order."""

    def __init__(self, client: Client, limits: Limits, metrics: Metrics) -> None:
        self._client = client
        self._limits = limits
        self._metrics = metrics
        self._writer = uuid4().hex
        self._numbers = count(1)
        self._salts: dict[date, bytes] = {}
        self._no_salt_until = 0.0

    def commit(self, batch: Sequence[_Pending]) -> Pauses:
        """Send a batch until each request has a result, an error or no time left.

        Pauses before it tries again.
        """
        begun = time.monotonic()
        if not self._client.is_ready:
            # To connect may take longer than a caller waits.
            yield 0.0
        until = max(pending.until for pending in batch)
        unanswered = self._calls(batch, until)
        if not self._client.is_ready:
            # The salt has not arrived.
            yield 0.0
        tries = 0
        # The time is checked before each attempt: a process that was suspended must not
        # send a batch late.
        while unanswered and time.monotonic() <= until:
            if tries:
                self._metrics.sent_again(len(unanswered))
            unanswered = self._try(unanswered, until)
            if unanswered:
                tries += 1
                yield _PAUSES.compute(tries)
        self._metrics.committed(time.monotonic() - begun)

    def _calls(self, batch: Sequence[_Pending], until: float) -> list[_SharedCall]:
        """Group the requests by site and day, and number the groups of views."""
        calls: list[_SharedCall] = []
        views: defaultdict[tuple[str, date], list[_Pending]] = defaultdict(list)
        tallies: defaultdict[tuple[str, date], list[_Pending]] = defaultdict(list)
        for pending in batch:
            match pending.request:
                case View(page, day):
                    views[page.site, day].append(pending)
                case TallyRequest(page, day):
                    tallies[page.site, day].append(pending)
                case call:
                    calls.append((call, (pending,)))
        for (_, day), pendings in views.items():
            viewed: list[Any] = [pending.request for pending in pendings]
            number, salt = next(self._numbers), self._salt(day, until)
            call = record(self._writer, number, viewed, salt, self._limits)
            calls.append((call, pendings))
            self._metrics.sent(len(pendings))
        for pendings in tallies.values():
            requests: list[Any] = [pending.request for pending in pendings]
            calls.append((tally(requests), pendings))
        return calls

    def _salt(self, day: date, until: float) -> bytes | None:
        """Return the salt of a day, or None if Redis does not return it.

        The first writer of a day proposes the salt, and all others use it. After a
        failure, the next attempt follows a second later. No view must wait for the
        salt, because the number of visitors is only an estimate.
        """
        salt = self._salts.get(day)
        if salt is None and time.monotonic() >= self._no_salt_until:
            (reply,) = self._send([salt_of(day, new_salt())], until)
            if not isinstance(reply, bytes):
                self._no_salt_until = time.monotonic() + _NO_SALT_S
                return None
            yesterday = day - timedelta(days=1)
            kept = {d: old for d, old in self._salts.items() if d >= yesterday}
            self._salts = {**kept, day: reply}
            return reply
        return salt

    def _try(self, calls: Sequence[_SharedCall], until: float) -> list[_SharedCall]:
        """Send the calls once and return those that have to be sent again."""
        to_retry = []
        replies = self._send([call for call, _ in calls], until)
        for (call, pendings), reply in zip(calls, replies, strict=True):
            try:
                _distribute(call, reply, pendings)
            except (ValueError, *ERRORS) as error:
                failed = explained(error, key=call.keys[0])
                if is_transient(error):
                    to_retry.append((call, pendings))
                    for pending in pendings:
                        pending.error = failed
                else:
                    _fail(pendings, failed)
        return to_retry

    def _send(self, sent: Sequence[Call[Any]], until: float) -> list[Reply]:
        try:
            return send(self._client, sent, until)
        except ERRORS as error:
            return [error] * len(sent)


def send(client: Client, calls: Sequence[Call[Any]], until: float = inf) -> list[Reply]:
    """Send calls once. Return a reply or an error for each.

    Sends nothing later than this, by time.monotonic(). Raises one of ERRORS if it is
    unknown which of them were executed.
    """
    replies = client.execute([call.by_hash() for call in calls], until)
    missing = [
        index for index, reply in enumerate(replies) if isinstance(reply, NoScriptError)
    ]
    if missing:
        by_source = [calls[index].by_source() for index in missing]
        for index, reply in zip(missing, client.execute(by_source, until)):
            replies[index] = reply
    return replies


def _fail(pendings: Sequence[_Pending], error: Exception) -> None:
    for pending in pendings:
        pending.fail(error)


def _distribute(call: Call[Any], reply: Reply, pendings: Sequence[_Pending]) -> None:
    """Give each request its result from the reply. Raises an error reply."""
    if isinstance(reply, Exception):
        raise redacted(reply)
    for pending, result in zip(pendings, call.parse(reply), strict=True):
        if isinstance(result, BackendError):
            pending.fail(result)
        else:
            pending.succeed(result)
