"""The numbers as they change, told to all who watch, as Server-Sent Events (HTML, 9.2).

However many watch, one of them asks the backend for all, and no view waits for it.
"""

import os
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from threading import Condition, Thread

from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.formats.totals import totals_json
from page_tracker.http import Stream
from page_tracker.logs import FailureLog
from page_tracker.model import SiteTotal
from page_tracker.rules import Rules

_MOST_WATCHERS = 300
_POLL_S = 0.5
# Of its time, the backend spends at most a tenth on those who watch.
_REST_PER_POLL = 9
# It was not at work for as long as it took to fail.
_REST_AFTER_FAILURE_S = 2.0
# Who has gone without a word is noticed by the second that cannot be sent.
_HEARTBEAT_S = 5.0
_HEARTBEAT = b":\n\n"
# Who is cut off, as by a restart, asks again so soon.
_HELLO = b"retry: 1000\n\n"


class NoRoomError(Exception):
    """No more may watch. Its text says why."""


class Live:
    """Asks a backend for its sites while somebody watches, and tells what changes."""

    def __init__(
        self, backend: CounterBackend, rules: Rules, failures: FailureLog
    ) -> None:
        self._backend = backend
        self._rules = rules
        self._failures = failures
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        # One that is forked from it has nobody who asks, and locks of another time.
        self._process = os.getpid()
        self._news = Condition()
        self._watchers: set[object] = set()
        self._polling = False
        self._forget()

    def _forget(self) -> None:
        self._today: date | None = None
        self._sites: dict[str, SiteTotal] = {}
        self._version = 0
        # Of each site, the version that its numbers are of.
        self._changed: dict[str, int] = {}
        # What was told of the last version, by the version that was known before.
        self._events: dict[int, bytes] = {}

    def watch(self) -> Stream:
        """Return all sites and then what changes, as events. Raises NoRoomError."""
        if self._process != os.getpid():
            self._begin()
        watcher = object()
        with self._news:
            if self._ended:
                raise NoRoomError("the server is about to end")
            if len(self._watchers) >= _MOST_WATCHERS:
                raise NoRoomError(f"as many watch as may: {_MOST_WATCHERS}")
            self._watchers.add(watcher)
            if not self._polling:
                self._polling = True
                Thread(target=self._poll, name="live", daemon=True).start()
        return Stream(self._tell(), partial(self._leave, watcher))

    def end(self) -> None:
        """End what all who watch are told, for good."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _leave(self, watcher: object) -> None:
        with self._news:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._news.notify_all()

    def _tell(self) -> Iterator[bytes]:
        yield _HELLO
        known = 0
        while not self._ended:
            with self._news:
                self._news.wait_for(partial(self._is_news_to, known), _HEARTBEAT_S)
                event = self._event(known)
                known = self._version
            yield event

    def _is_news_to(self, known: int) -> bool:
        return self._ended or self._version != known

    def _event(self, known: int) -> bytes:
        """Return what has changed since a version, written once for all who ask."""
        if self._version == known or self._today is None:
            return _HEARTBEAT
        if known not in self._events:
            changed = [
                self._sites.get(site, SiteTotal(site, 0, 0, 0, 0))
                for site, version in self._changed.items()
                if version > known and (known or site in self._sites)
            ]
            changed.sort(key=lambda total: (-total.views, total.site))
            data = totals_json(self._today, changed)
            self._events[known] = f"event: sites\ndata: {data}\n\n".encode()
        return self._events[known]

    def _poll(self) -> None:
        """Ask again and again, until nobody watches any more."""
        while True:
            begun = time.monotonic()
            rest = _REST_AFTER_FAILURE_S
            try:
                today = self._rules.today()
                totals = self._backend.sites(today)
            except Exception as error:  # pylint: disable=broad-exception-caught
                # Whatever it was, those who watch stay for when it is over.
                self._failures.failed(error, expected=isinstance(error, BackendError))
            else:
                self._failures.succeeded()
                self._take(today, totals)
                rest = max(_POLL_S, _REST_PER_POLL * (time.monotonic() - begun))
            with self._news:
                if self._news.wait_for(self._is_over, rest):
                    self._polling = False
                    self._forget()
                    return

    def _is_over(self) -> bool:
        return self._ended or not self._watchers

    def _take(self, today: date, totals: list[SiteTotal]) -> None:
        """Tell who watches, if anything has changed."""
        sites = {total.site: total for total in totals}
        with self._news:
            changed = [
                site
                for site in sites.keys() | self._sites.keys()
                if sites.get(site) != self._sites.get(site)
            ]
            if changed or today != self._today:
                self._today, self._sites = today, sites
                self._version += 1
                self._changed.update(dict.fromkeys(changed, self._version))
                self._events.clear()
                self._news.notify_all()
