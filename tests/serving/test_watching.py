"""Watching the numbers change, on real servers."""

import signal
import time
from contextlib import ExitStack
from statistics import median
from uuid import uuid4

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S, see
from tests.owner import BEARER, TOKEN
from tests.servers import (
    GUNICORN,
    GUNICORN_CONFIGURED,
    PAGE_TRACKER,
    RedisServer,
    wait_until,
)
from tests.watching import Watcher, open_events

pytestmark = pytest.mark.timeout(60)

IN_MEMORY = {"REDIS_URL": "memory://", "PAGE_TRACKER_TOKEN": TOKEN}
MOST_WATCHERS = 300


def count(url: str, site: str) -> int:
    """View a page once, over a connection of its own, which any worker may take."""
    return int(requests.get(f"{url}/hit.txt?page={site}", timeout=TIMEOUT_S).text)


def seconds_until_told(watcher: Watcher, url: str, site: str) -> float:
    """Count a view, and return how long it took for who watches to be told."""
    views = count(url, site)
    begun = time.monotonic()
    wait_until(lambda: watcher.views.get(site) == views, "the view to be told")
    return time.monotonic() - begun


class TestTelling:
    """What was counted arrives where somebody watches."""

    def test_should_take_less_than_a_second(self, start_tracker: StartTracker) -> None:
        url = start_tracker(**IN_MEMORY).address()
        with Watcher(url) as watcher:
            watcher.await_start()

            took = [seconds_until_told(watcher, url, "a.example") for _ in range(5)]

        assert median(took) < 1

    def test_should_not_matter_which_worker_or_server_has_counted(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        variables = {"REDIS_URL": redis_url, "PAGE_TRACKER_TOKEN": TOKEN}
        url = start_tracker(**variables).address()
        other = start_tracker(**variables).address()
        site = f"{uuid4()}.example"
        with Watcher(url) as watcher:
            watcher.await_start()

            took = [seconds_until_told(watcher, url, site) for _ in range(4)]
            took += [seconds_until_told(watcher, other, site) for _ in range(3)]

        assert median(took) < 1

    def test_should_go_on_when_redis_is_back(
        self, start_tracker: StartTracker, own_redis: RedisServer
    ) -> None:
        tracker = start_tracker(REDIS_URL=own_redis.url, PAGE_TRACKER_TOKEN=TOKEN)
        url = tracker.address()
        with Watcher(url) as watcher:
            watcher.await_start()
            own_redis.kill()
            wait_until(lambda: "A request failed" in tracker.log, "failures")
            own_redis.start()
            wait_until(
                lambda: requests.get(f"{url}/readyz", timeout=TIMEOUT_S).ok, "readiness"
            )

            seconds_until_told(watcher, url, "a.example")

            assert not watcher.over


class TestCrowds:
    """Many who watch at once."""

    def test_should_be_told_and_hold_up_no_view(
        self, start_tracker: StartTracker
    ) -> None:
        url = start_tracker(**IN_MEMORY).address()
        with ExitStack() as watching:
            watchers = [
                watching.enter_context(Watcher(url)) for _ in range(MOST_WATCHERS)
            ]
            for watcher in watchers:
                watcher.await_start()

            begun = time.monotonic()
            for _ in range(100):
                count(url, "a.example")
            took = time.monotonic() - begun
            wait_until(
                lambda: all(w.views.get("a.example") == 100 for w in watchers),
                "all to be told",
            )
            one_more = requests.get(
                f"{url}/api/events", headers=BEARER, timeout=TIMEOUT_S
            )

        assert took / 100 < 0.3
        assert one_more.status_code == 503
        assert "too many subscribers; allowed: 300" in one_more.json()["error"]

    def test_should_leave_their_places_when_they_vanish(
        self, start_tracker: StartTracker
    ) -> None:
        url = start_tracker(**IN_MEMORY).address()
        clients = [open_events(url) for _ in range(MOST_WATCHERS)]
        for client in clients:
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.close()

        def has_room() -> bool:
            # That something changes is what shows that they are gone.
            count(url, "a.example")
            with open_events(url) as client:
                return client.recv(1000).startswith(b"HTTP/1.1 200 ")

        wait_until(has_room, "room for another one", patience_s=20)


class TestStopping:
    """SIGTERM while somebody watches, who would never end."""

    @pytest.mark.parametrize("command", [PAGE_TRACKER, GUNICORN_CONFIGURED])
    def test_should_be_quick(
        self, start_tracker: StartTracker, command: tuple[str, ...]
    ) -> None:
        tracker = start_tracker(command=command, **IN_MEMORY)
        url = tracker.address()
        with ExitStack() as watching:
            watchers = [watching.enter_context(Watcher(url)) for _ in range(50)]
            for watcher in watchers:
                watcher.await_start()
            begun = time.monotonic()

            tracker.send(signal.SIGTERM)

            assert tracker.exit_code() == 0
            assert time.monotonic() - begun < 5
            wait_until(lambda: all(w.over for w in watchers), "the end of all")
        assert "Traceback" not in tracker.log and "timeout" not in tracker.log


class TestOtherWorkers:
    """Gunicorn without the tracker's settings."""

    @pytest.mark.parametrize("kind", ["sync", "gthread"])
    def test_should_say_that_there_are_no_events(
        self, start_tracker: StartTracker, kind: str
    ) -> None:
        options = ("--worker-class", kind, "--threads", "2")
        url = start_tracker(*options, command=GUNICORN, **IN_MEMORY).address()

        answer = requests.get(f"{url}/api/events", headers=BEARER, timeout=TIMEOUT_S)

        assert answer.status_code == 503
        assert answer.json()["error"].startswith("no events: ")
        sites = requests.get(f"{url}/api/sites", headers=BEARER, timeout=TIMEOUT_S)
        assert sites.json()["sites"] == []

    def test_should_tell_under_gevent(self, start_tracker: StartTracker) -> None:
        options = ("--worker-class", "gevent")
        url = start_tracker(*options, command=GUNICORN, **IN_MEMORY).address()
        with Watcher(url) as watcher:
            watcher.await_start()
            see(url)

            wait_until(lambda: watcher.views == {"": 1}, "the view")
