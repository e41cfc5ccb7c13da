"""Live updates of all sites as Server-Sent Events (HTML, 9.2).

One thread polls the backend for all subscribers of a process, and no view waits for it.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import Condition, Thread

from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.counting.model import SiteTotal
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import FailureLog
from page_tracker.web.formats.json import totals_json
from page_tracker.web.response import Stream

_MAX_SUBSCRIBERS = 300
_POLL_S = 0.5
# A pause is at least 9 times as long as its poll, so polls take at most a tenth of the
# time.
_PAUSE_PER_POLL = 9
# The duration of a failed poll says nothing about the load that polls cause.
_PAUSE_AFTER_FAILURE_S = 2.0
# A disconnected client is noticed when the second heartbeat cannot be sent.
_HEARTBEAT_S = 5.0
_HEARTBEAT = b":\n\n"
# Browsers reconnect after 1000 ms, so that a restart is hardly noticed (HTML, 9.2.6).
_RETRY = b"retry: 1000\n\n"


class SubscriptionError(Exception):
    """The subscription is not possible. The text says why."""


class Live:
    """Polls the backend while there are subscribers, and streams the changes."""

    def __init__(
        self, backend: CounterBackend, rules: Rules, failures: FailureLog
    ) -> None:
        self._backend = backend
        self._rules = rules
        self._failures = failures
        self._ended = False
        self._subscribers = _Subscribers()

    def subscribe(self) -> Stream:
        """Return a stream of events: first all sites, then each change.

        Raises SubscriptionError if the server is stopping, or at the limit.
        """
        # After a fork, the polling thread is gone, and the locks may be held.
        if self._subscribers.process != os.getpid():
            self._subscribers = _Subscribers()
        subscribers, subscriber = self._subscribers, object()
        with subscribers.updated:
            if self._ended:
                raise SubscriptionError("the server is stopping")
            if len(subscribers.active) >= _MAX_SUBSCRIBERS:
                raise SubscriptionError(
                    f"too many subscribers; allowed: {_MAX_SUBSCRIBERS}"
                )
            subscribers.active.add(subscriber)
            if not subscribers.are_polled:
                subscribers.are_polled = True
                Thread(
                    target=self._poll_while_subscribed,
                    args=(subscribers,),
                    name="live",
                    daemon=True,
                ).start()
        return Stream(
            self._events_for(subscribers), partial(subscribers.leave, subscriber)
        )

    def end(self) -> None:
        """End all streams, and accept no further subscribers."""
        self._ended = True
        with self._subscribers.updated:
            self._subscribers.updated.notify_all()

    def _events_for(self, subscribers: "_Subscribers") -> Iterator[bytes]:
        yield _RETRY
        known = 0
        while not self._ended:
            with subscribers.updated:
                subscribers.updated.wait_for(
                    lambda: self._ended or subscribers.snapshot.version > known,
                    _HEARTBEAT_S,
                )
                event = subscribers.snapshot.since(known)
                known = subscribers.snapshot.version
            yield event or _HEARTBEAT

    def _poll_while_subscribed(self, subscribers: "_Subscribers") -> None:
        """Poll until the last subscriber has left."""
        while True:
            pause = self._poll(subscribers)
            with subscribers.updated:
                if subscribers.updated.wait_for(
                    lambda: self._ended or not subscribers.active, pause
                ):
                    subscribers.are_polled = False
                    subscribers.snapshot = _Snapshot()
                    return

    def _poll(self, subscribers: "_Subscribers") -> float:
        """Poll once. Return how many seconds to wait until the next time."""
        begun = time.monotonic()
        try:
            today = self._rules.today()
            totals = self._backend.sites(today)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever the error, the subscribers stay until the backend recovers.
            self._failures.failed(error, expected=isinstance(error, BackendError))
            return _PAUSE_AFTER_FAILURE_S
        self._failures.succeeded()
        took = time.monotonic() - begun
        with subscribers.updated:
            if subscribers.snapshot.replace(today, totals):
                subscribers.updated.notify_all()
        return max(_POLL_S, _PAUSE_PER_POLL * took)


class _Snapshot:
    """The current totals of all sites, and the version of each."""

    def __init__(self) -> None:
        self.version = 0
        self._today: date | None = None
        self._sites: dict[str, SiteTotal] = {}
        # By site: the version in which its totals last changed.
        self._changed: dict[str, int] = {}
        # By an earlier version: the event with all changes since then.
        self._events: dict[int, bytes] = {}

    def replace(self, today: date, totals: list[SiteTotal]) -> bool:
        """Replace the totals. Return whether any has changed."""
        sites = {total.site: total for total in totals}
        changed = [
            site
            for site in sites.keys() | self._sites.keys()
            if sites.get(site) != self._sites.get(site)
        ]
        if not changed and today == self._today:
            return False
        self._today, self._sites = today, sites
        self.version += 1
        self._changed |= dict.fromkeys(changed, self.version)
        self._events.clear()
        return True

    def since(self, known: int) -> bytes:
        """Return the changes since a version as an event; empty if there are none."""
        if self._today is None or known == self.version:
            return b""
        # Cached, because most subscribers know the same version.
        if known not in self._events:
            data = totals_json(self._today, self._newer(known))
            self._events[known] = f"event: sites\ndata: {data}\n\n".encode()
        return self._events[known]

    def _newer(self, known: int) -> list[SiteTotal]:
        """Return changed sites, the most viewed first, and zeros for deleted sites."""
        newer = [
            self._sites.get(site, SiteTotal(site, 0, 0, 0, 0))
            for site, version in self._changed.items()
            if version > known and (known or site in self._sites)
        ]
        return sorted(newer, key=lambda total: (-total.views, total.site))


@dataclass(slots=True)
class _Subscribers:
    """The subscribers in one process, and the totals that they share."""

    process: int = field(default_factory=os.getpid)
    updated: Condition = field(default_factory=Condition)
    active: set[object] = field(default_factory=set)
    are_polled: bool = False
    """Whether a thread polls for them."""
    snapshot: _Snapshot = field(default_factory=_Snapshot)

    def leave(self, subscriber: object) -> None:
        """Remove a subscriber. Does nothing if it is already removed."""
        with self.updated:
            self.active.discard(subscriber)
            if not self.active:
                self.updated.notify_all()
