"""Live updates of all sites as Server-Sent Events (HTML, 9.2).

One thread reads the backend for all streams of a process, and no view waits for it.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.counting.model import SiteTotal
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import FailureLog
from page_tracker.web.formats.json import totals_json
from page_tracker.web.response import Stream

_MAX_SUBSCRIBERS = 300
_READ_EVERY_S = 1.0
# A pause is at least 9 times as long as the reading before it, so readings take at most
# a tenth of the time. The duration of a failed one says nothing about its load.
_PAUSE_PER_READING = 9
# If all streams woke at once, the views that arrive then would wait for all of them. A
# pause after each of them would cost more than the streams themselves.
_WOKEN_AT_ONCE = 5
_PAUSE_S = 0.005
# A reading that takes longer is reported, because the deadline of the backend may be
# long, and readers must not take old numbers for current ones.
_PATIENCE_S = 2.0
# Clients can rely on an event every 5 s. A disconnected client is noticed when the
# second event cannot be sent.
_HEARTBEAT_S = 4.0
# So many streams of single sites leave room for the owner, who may not be the reader.
_MAX_OF_SITES = 200
# Browsers reconnect after 1000 ms, so that a restart is hardly noticed (HTML, 9.2.6).
_RETRY = b"retry: 1000\n\n"


# Only the owner is told the cause.
_UNAVAILABLE = "the counts are temporarily unavailable"


class SubscriptionError(Exception):
    """The subscription is not possible. The text says why."""


class Live:
    """Reads the backend while there are subscribers, and streams the changes."""

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
        subscribers, woken = self._enter(_MAX_SUBSCRIBERS)
        return Stream(
            self._events_for(subscribers, woken), partial(subscribers.leave, woken)
        )

    def subscribe_to(self, site: str, goes_on: Callable[[], bool]) -> Stream:
        """Return a stream of events about one site.

        It ends soon after `goes_on` returns False. Neither its events nor their times
        tell anything of other sites. Raises SubscriptionError as subscribe() does.
        """
        subscribers, woken = self._enter(_MAX_OF_SITES)
        events = self._events_of_site(subscribers, woken, site, goes_on)
        return Stream(events, partial(subscribers.leave, woken))

    def _enter(self, most: int) -> "tuple[_Subscribers, threading.Event]":
        # After a fork, the reading thread is gone, and the locks may be held.
        if self._subscribers.process != os.getpid():
            self._subscribers = _Subscribers()
        subscribers, woken = self._subscribers, threading.Event()
        with subscribers.changed:
            if self._ended:
                raise SubscriptionError("the server is stopping")
            if len(subscribers.active) >= most:
                raise SubscriptionError(f"too many subscribers; allowed: {most}")
            subscribers.active.add(woken)
            if not subscribers.are_served:
                subscribers.are_served = True
                threading.Thread(
                    target=self._read_while_subscribed,
                    args=(subscribers,),
                    name="live",
                    daemon=True,
                ).start()
        return subscribers, woken

    def end(self) -> None:
        """End all streams, and accept no further subscribers."""
        self._ended = True
        with self._subscribers.changed:
            self._subscribers.changed.notify_all()
            for woken in self._subscribers.active:
                woken.set()

    def _events_for(
        self, subscribers: "_Subscribers", woken: threading.Event
    ) -> Iterator[bytes]:
        yield _RETRY
        known = 0
        while not self._ended:
            with subscribers.changed:
                event, known = subscribers.news_since(known)
            if event:
                yield event
            woken.wait()
            woken.clear()

    def _events_of_site(
        self,
        subscribers: "_Subscribers",
        woken: threading.Event,
        site: str,
        goes_on: Callable[[], bool],
    ) -> Iterator[bytes]:
        yield _RETRY
        known, was_stale, heartbeat_at = 0, False, 0.0
        while not self._ended:
            with subscribers.changed:
                event, known, is_stale = subscribers.news_of(site, known)
            # Woken by a change of another site, a stream says nothing.
            is_due = time.monotonic() >= heartbeat_at
            if is_due and not _is_true(goes_on):
                return
            if is_stale and (is_due or not was_stale):
                event = _event("stale", json.dumps({"reason": _UNAVAILABLE}))
            elif not event and known and (is_due or was_stale):
                event = _event("alive", "{}")
            was_stale = is_stale
            if event or is_due:
                heartbeat_at = time.monotonic() + _HEARTBEAT_S
            if event:
                yield event
            woken.wait(max(0.0, heartbeat_at - time.monotonic()))
            woken.clear()

    def _read_while_subscribed(self, subscribers: "_Subscribers") -> None:
        """Read, and wake the streams, until the last subscriber has left."""
        read_at = heartbeat_at = 0.0
        while True:
            is_news = False
            if time.monotonic() >= read_at:
                is_news, read_at = self._read(subscribers)
            if is_news or time.monotonic() >= heartbeat_at:
                heartbeat_at = time.monotonic() + _HEARTBEAT_S
                subscribers.wake()
            with subscribers.changed:
                if subscribers.changed.wait_for(
                    lambda: self._ended or not subscribers.active,
                    min(read_at, heartbeat_at) - time.monotonic(),
                ):
                    subscribers.are_served = False
                    subscribers.snapshot = _Snapshot()
                    subscribers.failure = ""
                    return

    def _read(self, subscribers: "_Subscribers") -> tuple[bool, float]:
        """Read the backend. Return whether there is news, and when to read again."""
        before, begun = subscribers.state, time.monotonic()
        pause_s = 0.0
        try:
            self._read_once(subscribers)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever the error, the subscribers stay until the backend recovers.
            self._failures.failed(error, expected=isinstance(error, BackendError))
            subscribers.failure = _reason_of(error)
        else:
            self._failures.succeeded()
            pause_s = _PAUSE_PER_READING * (time.monotonic() - begun)
        now = time.monotonic()
        # Streams that were told of a late reading are told that it has come.
        is_news = before != subscribers.state or now - begun >= _PATIENCE_S
        return is_news, max(begun + _READ_EVERY_S, now + pause_s)

    def _read_once(self, subscribers: "_Subscribers") -> None:
        answered = threading.Event()
        threading.Thread(
            target=subscribers.wake_until, args=(answered,), daemon=True
        ).start()
        subscribers.reading_since = time.monotonic()
        try:
            today = self._rules.today()
            totals = self._backend.sites(today)
        finally:
            subscribers.reading_since = None
            answered.set()
        with subscribers.changed:
            subscribers.failure = ""
            subscribers.snapshot.replace(today, totals)


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


def _is_true(goes_on: Callable[[], bool]) -> bool:
    """Return whether a stream goes on. It does as long as nobody can say."""
    try:
        return goes_on()
    except BackendError:
        return True


def _reason_of(error: BaseException | None) -> str:
    """Return why a reading failed, in words for the owner.

    Other errors than those of a backend may contain its address or password.
    """
    reasons = []
    while isinstance(error, BackendError):
        reasons.append(str(error))
        error = error.__cause__
    return ": ".join(reasons) or "something went wrong, see the log"


class _Snapshot:
    """The current totals of all sites, and the version of each."""

    def __init__(self) -> None:
        self.version = 0
        self._today: date | None = None
        self._sites: dict[str, SiteTotal] = {}
        # By site: the version in which its totals last changed.
        self._changed: dict[str, int] = {}
        # The version in which a new day began.
        self._begun = 0
        # By an earlier version: the event with all changes since then.
        self._events: dict[int, bytes] = {}

    def replace(self, today: date, totals: list[SiteTotal]) -> None:
        """Replace the totals. If none has changed, the version stays the same."""
        sites = {total.site: total for total in totals}
        changed = [
            site
            for site in sites.keys() | self._sites.keys()
            if sites.get(site) != self._sites.get(site)
        ]
        if not changed and today == self._today:
            return
        self.version += 1
        if today != self._today:
            self._begun = self.version
        self._today, self._sites = today, sites
        self._changed |= dict.fromkeys(changed, self.version)
        self._events.clear()

    def since(self, known: int) -> bytes:
        """Return the changes since a version as an event; empty if there are none."""
        if self._today is None or known == self.version:
            return b""
        # Cached, because most subscribers know the same version.
        if known not in self._events:
            data = totals_json(self._today, self._newer(known))
            self._events[known] = _event("sites", data)
        return self._events[known]

    def since_of(self, site: str, known: int) -> bytes:
        """Return the totals of a site as an event; empty if they are as they were."""
        last = max(self._changed.get(site, 0), self._begun)
        if self._today is None or known >= last:
            return b""
        found = self._sites.get(site)
        if found is None and known:
            found = SiteTotal(site, 0, 0, 0, 0)
        return _event("sites", totals_json(self._today, [found] if found else []))

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
    """The subscribers in one process, and what they share."""

    process: int = field(default_factory=os.getpid)
    changed: threading.Condition = field(default_factory=threading.Condition)
    active: set[threading.Event] = field(default_factory=set)
    """What wakes the stream of each subscriber."""
    are_served: bool = False
    """Whether a thread reads the backend for them."""
    snapshot: _Snapshot = field(default_factory=_Snapshot)
    failure: str = ""
    """Why the last reading failed, or empty."""
    reading_since: float | None = None
    """When the current reading began, by time.monotonic()."""

    @property
    def state(self) -> tuple[int, bool]:
        """The version of the snapshot, and whether the last reading failed."""
        return self.snapshot.version, bool(self.failure)

    def news_since(self, known: int) -> tuple[bytes, int]:
        """Return an event for a stream that knows a version, and what it knows then.

        The event is empty if nothing has been read yet.
        """
        if reason := self._why_stale():
            return _event("stale", json.dumps({"reason": reason})), known
        event = self.snapshot.since(known) or (_event("alive", "{}") if known else b"")
        return event, self.snapshot.version

    def news_of(self, site: str, known: int) -> tuple[bytes, int, bool]:
        """Return an event for a stream of a site that knows a version.

        Returns also what it knows then, and whether the numbers are stale. The event is
        empty if nothing has changed.
        """
        if self._why_stale():
            return b"", known, True
        return self.snapshot.since_of(site, known), self.snapshot.version, False

    def _why_stale(self) -> str:
        """Return why the snapshot is not the current state; empty if it is."""
        if self.reading_since is not None and not self.failure:
            late_s = time.monotonic() - self.reading_since
            if late_s >= _PATIENCE_S:
                return f"the storage has not answered for {late_s:.0f} s"
        return self.failure

    def wake(self) -> None:
        """Wake a few streams at once, so that views come in between."""
        with self.changed:
            streams = tuple(self.active)
        for number, woken in enumerate(streams, start=1):
            woken.set()
            if number % _WOKEN_AT_ONCE == 0:
                time.sleep(_PAUSE_S)

    def wake_until(self, answered: threading.Event) -> None:
        """Wake the streams as long as a reading takes too long."""
        while not answered.wait(_PATIENCE_S):
            self.wake()

    def leave(self, woken: threading.Event) -> None:
        """Remove a subscriber. Does nothing if it is already removed."""
        with self.changed:
            self.active.discard(woken)
            if not self.active:
                self.changed.notify_all()
