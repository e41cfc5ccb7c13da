"""Live updates of all sites as Server-Sent Events (HTML, 9.2).

One thread polls the backend for all watchers of a process, and no view waits for it.
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
from page_tracker.web.http import Stream

_MOST_WATCHERS = 300
_POLL_S = 0.5
# Polling takes at most a tenth of the time.
_REST_PER_POLL = 9
# A longer pause: a failure may have come at once.
_REST_AFTER_FAILURE_S = 2.0
# A client that has vanished is noticed when the second heartbeat cannot be sent.
_HEARTBEAT_S = 5.0
_HEARTBEAT = b":\n\n"
# After a lost connection, as by a restart, browsers reconnect after this time.
_HELLO = b"retry: 1000\n\n"


class NoRoomError(Exception):
    """No further watcher is accepted. The text says why."""


class Live:
    """Polls the backend while somebody watches, and streams what changes."""

    def __init__(
        self, backend: CounterBackend, rules: Rules, failures: FailureLog
    ) -> None:
        self._backend = backend
        self._rules = rules
        self._failures = failures
        self._ended = False
        self._audience = _Audience()

    def watch(self) -> Stream:
        """Return a stream: all sites, then each change. Raises NoRoomError."""
        # After a fork, the polling thread is gone, and the locks may be held.
        if self._audience.process != os.getpid():
            self._audience = _Audience()
        audience, watcher = self._audience, object()
        with audience.news:
            if self._ended:
                raise NoRoomError("the server is stopping")
            if len(audience.watchers) >= _MOST_WATCHERS:
                raise NoRoomError(f"too many watchers; allowed: {_MOST_WATCHERS}")
            audience.watchers.add(watcher)
            if not audience.is_served:
                audience.is_served = True
                Thread(
                    target=self._serve, args=(audience,), name="live", daemon=True
                ).start()
        return Stream(self._tell(audience), partial(audience.leave, watcher))

    def end(self) -> None:
        """End what all who watch are told, for good."""
        self._ended = True
        with self._audience.news:
            self._audience.news.notify_all()

    def _tell(self, audience: "_Audience") -> Iterator[bytes]:
        yield _HELLO
        known = 0
        while not self._ended:
            with audience.news:
                audience.news.wait_for(
                    lambda: self._ended or audience.numbers.version > known,
                    _HEARTBEAT_S,
                )
                event = audience.numbers.since(known)
                known = audience.numbers.version
            yield event or _HEARTBEAT

    def _serve(self, audience: "_Audience") -> None:
        """Poll until nobody watches."""
        while True:
            rest = self._ask(audience)
            with audience.news:
                if audience.news.wait_for(
                    lambda: self._ended or not audience.watchers, rest
                ):
                    audience.is_served = False
                    audience.numbers = _Numbers()
                    return

    def _ask(self, audience: "_Audience") -> float:
        """Poll once. Return how many seconds to wait until the next time."""
        begun = time.monotonic()
        try:
            today = self._rules.today()
            totals = self._backend.sites(today)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever the error, the watchers stay until the backend is back.
            self._failures.failed(error, expected=isinstance(error, BackendError))
            return _REST_AFTER_FAILURE_S
        self._failures.succeeded()
        took = time.monotonic() - begun
        with audience.news:
            if audience.numbers.take(today, totals):
                audience.news.notify_all()
        return max(_POLL_S, _REST_PER_POLL * took)


class _Numbers:
    """The current totals of all sites, and the version of each."""

    def __init__(self) -> None:
        self.version = 0
        self._today: date | None = None
        self._sites: dict[str, SiteTotal] = {}
        # By site: the version in which its totals last changed.
        self._changed: dict[str, int] = {}
        # By older version: the event with everything newer.
        self._events: dict[int, bytes] = {}

    def take(self, today: date, totals: list[SiteTotal]) -> bool:
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
        """Return everything newer than a version as an event, or nothing."""
        if self._today is None or known == self.version:
            return b""
        # Cached, because most watchers know the same version.
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
class _Audience:
    """The watchers in one process, and the totals that they share."""

    process: int = field(default_factory=os.getpid)
    news: Condition = field(default_factory=Condition)
    watchers: set[object] = field(default_factory=set)
    is_served: bool = False
    """Whether a thread polls for them."""
    numbers: _Numbers = field(default_factory=_Numbers)

    def leave(self, watcher: object) -> None:
        """Remove a watcher, which may have been removed already."""
        with self.news:
            self.watchers.discard(watcher)
            if not self.watchers:
                self.news.notify_all()
