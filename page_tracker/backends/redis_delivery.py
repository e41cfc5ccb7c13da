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
from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis_calls import Call, Reading, admit
from page_tracker.backends.redis_calls import salt as salt_of
from page_tracker.backends.redis_calls import tally
from page_tracker.backends.redis_client import (
    ERRORS,
    Client,
    Reply,
    passes,
    shortened,
)
from page_tracker.backends.redis_record import asks_to_admit, record
from page_tracker.model import Limits, View
from page_tracker.pseudonyms import new_salt

_PAUSES = EqualJitterBackoff(base=0.01, cap=0.25)

Question = View | Reading | Call[Any]
_Pending = Pending[Question, Any]
_Waiting = tuple[Call[Any], Sequence[_Pending]]


class Delivery:
    """Brings batches to Redis in the name of one writer, whose numbers rise."""

    def __init__(self, client: Client, limits: Limits) -> None:
        self._client = client
        self._limits = limits
        self._writer = uuid4().hex
        self._numbers = count(1)
        self._salts: dict[date, bytes] = {}

    def commit(self, batch: Sequence[_Pending]) -> None:
        """Send a batch until all of it is answered or has failed, or it is too late."""
        waiting = self._calls(batch)
        until = max(pending.until for pending in batch)
        tries = 0
        while waiting := self._try(waiting):
            tries += 1
            time.sleep(_PAUSES.compute(tries))
            # Looked at here, so that who was stopped meanwhile sends nothing late.
            if time.monotonic() > until:
                return

    def _calls(self, batch: Sequence[_Pending]) -> list[_Waiting]:
        """Put together what is asked of one site and day, and number what counts."""
        waiting: list[_Waiting] = []
        together: defaultdict[tuple[type, str, date], list[_Pending]]
        together = defaultdict(list)
        for pending in batch:
            asked = pending.question
            if isinstance(asked, Call):
                waiting.append((asked, (pending,)))
            else:
                together[type(asked), asked.page.site, asked.day].append(pending)
        for (kind, _, day), pendings in together.items():
            questions: list[Any] = [pending.question for pending in pendings]
            call = self._record(questions, day) if kind is View else tally(questions)
            waiting.append((call, pendings))
        return waiting

    def _record(self, views: Sequence[Any], day: date) -> Call[Any]:
        return record(
            self._writer, next(self._numbers), views, self._salt(day), self._limits
        )

    def _salt(self, day: date) -> bytes | None:
        """Return the day's secret: whoever asks first makes it. None if it fails.

        Once is enough: visitors are an estimate, and views shall not wait for them.
        """
        salt = self._salts.get(day)
        if salt is None:
            (reply,) = self._send([salt_of(day, new_salt())])
            if isinstance(reply, Exception):
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
                if asks_to_admit(reply):
                    reply = self._send_for_new_site(call)
                _hand_out(call, reply, pendings)
            except (*ERRORS, ValueError, LimitReachedError) as error:
                if passes(error):
                    again.append((call, pendings))
                    for pending in pendings:
                        pending.error = error
                else:
                    for pending in pendings:
                        pending.fail(error)
        return again

    def _send_for_new_site(self, call: Call[Any]) -> Reply:
        """Send a call again when its site is known. Raises LimitReachedError."""
        (admitted,) = self._send([admit(call.new_site, self._limits.sites)])
        if isinstance(admitted, Exception):
            return admitted
        if not int(admitted):
            raise LimitReachedError.of_sites(self._limits.sites)
        (reply,) = self._send([call.admitted()])
        return reply

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
