"""Live updates on real servers."""

import signal
import time
from contextlib import ExitStack
from statistics import median
from uuid import uuid4

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S, view_front_page
from tests.owner import BEARER, TOKEN
from tests.servers import (
    GUNICORN,
    GUNICORN_CONFIGURED,
    PAGE_TRACKER,
    RedisServer,
    wait_until,
)
from tests.subscriber import EVENTS, Subscriber, send_request

IN_MEMORY = {"REDIS_URL": "memory://", "PAGE_TRACKER_TOKEN": TOKEN}
MOST_SUBSCRIBERS = 300


def count(url: str, site: str) -> int:
    """View a page once, over a new connection, which any worker may accept."""
    return int(requests.get(f"{url}/hit.txt?page={site}", timeout=TIMEOUT_S).text)


def update_delay_s(subscriber: Subscriber, url: str, site: str) -> float:
    """Count a view, and return the seconds until the subscriber receives it."""
    views = count(url, site)
    begun = time.monotonic()
    wait_until(lambda: subscriber.views.get(site) == views, "the view to be delivered")
    return time.monotonic() - begun


class TestDelivery:
    """Counted views reach subscribers."""

    def test_should_take_less_than_two_seconds(
        self, start_tracker: StartTracker
    ) -> None:
        url = start_tracker(**IN_MEMORY).address()
        with Subscriber(url) as subscriber:
            subscriber.wait_for_start()

            took = [update_delay_s(subscriber, url, "a.example") for _ in range(3)]

        assert median(took) < 2

    def test_should_deliver_views_of_every_worker_and_server(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        variables = {"REDIS_URL": redis_url, "PAGE_TRACKER_TOKEN": TOKEN}
        url = start_tracker(**variables).address()
        other = start_tracker(**variables).address()
        site = f"{uuid4()}.example"
        with Subscriber(url) as subscriber:
            subscriber.wait_for_start()

            took = [update_delay_s(subscriber, url, site) for _ in range(2)]
            took += [update_delay_s(subscriber, other, site) for _ in range(3)]

        assert median(took) < 2


class TestOutages:
    """Redis is gone, or it is there and does not answer."""

    def test_should_be_reported_until_redis_is_back(
        self, start_tracker: StartTracker, own_redis: RedisServer
    ) -> None:
        url = start_tracker(REDIS_URL=own_redis.url, PAGE_TRACKER_TOKEN=TOKEN).address()
        with Subscriber(url) as subscriber:
            subscriber.wait_for_start()
            own_redis.kill()
            wait_until(lambda: subscriber.is_stale, "the report of the outage")
            _, data = subscriber.events[-1]
            own_redis.start()
            begun = time.monotonic()
            wait_until(lambda: not subscriber.is_stale, "the end of the outage")
            took = time.monotonic() - begun

            update_delay_s(subscriber, url, "a.example")

            assert not subscriber.over
        assert data["reason"].startswith("Redis did not answer within 2 s: ")
        assert str(own_redis.port) not in data["reason"]
        assert took < 10

    def test_should_be_reported_when_redis_does_not_answer(
        self, start_tracker: StartTracker, own_redis: RedisServer
    ) -> None:
        # The deadline of the backend is longer than anybody should read old numbers.
        url = start_tracker(
            REDIS_URL=own_redis.url,
            PAGE_TRACKER_TOKEN=TOKEN,
            PAGE_TRACKER_DEADLINE="20",
        ).address()
        with Subscriber(url) as subscriber:
            subscriber.wait_for_start()
            own_redis.suspend()
            begun = time.monotonic()
            wait_until(lambda: subscriber.is_stale, "the report of the outage")
            took = time.monotonic() - begun
            own_redis.resume()

            wait_until(lambda: not subscriber.is_stale, "the end of the outage")

        assert took < 10


class TestManySubscribers:
    """Many subscribers at the same time."""

    def test_should_be_updated_without_delaying_views(
        self, start_tracker: StartTracker
    ) -> None:
        url = start_tracker(**IN_MEMORY).address()
        with ExitStack() as watching:
            subscribers = [
                watching.enter_context(Subscriber(url)) for _ in range(MOST_SUBSCRIBERS)
            ]
            for subscriber in subscribers:
                subscriber.wait_for_start()

            begun = time.monotonic()
            for _ in range(100):
                count(url, "a.example")
            took = time.monotonic() - begun
            wait_until(
                lambda: all(w.views.get("a.example") == 100 for w in subscribers),
                "all subscribers to be updated",
            )
            one_more = requests.get(
                f"{url}/api/events", headers=BEARER, timeout=TIMEOUT_S
            )

        assert took / 100 < 0.3
        assert one_more.status_code == 503
        assert "too many subscribers; allowed: 300" in one_more.json()["error"]

    def test_should_make_room_when_they_disconnect(
        self, start_tracker: StartTracker
    ) -> None:
        url = start_tracker(**IN_MEMORY).address()
        clients = [send_request(url, EVENTS) for _ in range(MOST_SUBSCRIBERS)]
        for client in clients:
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.close()

        def has_room() -> bool:
            # The server notices closed connections only when it sends an update.
            count(url, "a.example")
            with send_request(url, EVENTS) as client:
                return client.recv(1000).startswith(b"HTTP/1.1 200 ")

        wait_until(has_room, "room for another subscriber")


class TestOtherRequests:
    """What a dashboard requests beside the events."""

    def test_should_leave_no_connection_open(self, start_tracker: StartTracker) -> None:
        url = start_tracker(**IN_MEMORY).address()
        with requests.Session() as session:
            api = session.get(f"{url}/api/sites", headers=BEARER, timeout=TIMEOUT_S)
            view = session.get(f"{url}/hit.txt?page=a.example", timeout=TIMEOUT_S)

        assert api.headers["Connection"] == "close"
        assert view.headers["Connection"] == "keep-alive"


class TestStopping:
    """SIGTERM while subscribers hold connections that never end."""

    @pytest.mark.parametrize("command", [PAGE_TRACKER, GUNICORN_CONFIGURED])
    def test_should_be_quick(
        self, start_tracker: StartTracker, command: tuple[str, ...]
    ) -> None:
        tracker = start_tracker(command=command, **IN_MEMORY)
        url = tracker.address()
        with ExitStack() as watching:
            subscribers = [
                watching.enter_context(Subscriber(url)) for _ in range(MOST_SUBSCRIBERS)
            ]
            for subscriber in subscribers:
                subscriber.wait_for_start()
            begun = time.monotonic()

            tracker.send(signal.SIGTERM)

            assert tracker.exit_code() == 0
            assert time.monotonic() - begun < 5
            wait_until(
                lambda: all(w.over for w in subscribers), "the end of all streams"
            )
        assert "Traceback" not in tracker.log and "timeout" not in tracker.log


class TestOtherWorkers:
    """Gunicorn without the tracker's settings."""

    @pytest.mark.parametrize("kind", ["sync", "gthread"])
    def test_should_say_that_events_are_not_available(
        self, start_tracker: StartTracker, kind: str
    ) -> None:
        options = ("--worker-class", kind, "--threads", "2")
        url = start_tracker(*options, command=GUNICORN, **IN_MEMORY).address()

        answer = requests.get(f"{url}/api/events", headers=BEARER, timeout=TIMEOUT_S)

        assert answer.status_code == 503
        assert answer.json()["error"].startswith("events are unavailable: ")
        sites = requests.get(f"{url}/api/sites", headers=BEARER, timeout=TIMEOUT_S)
        assert sites.json()["sites"] == []

    def test_should_send_events_with_gevent(self, start_tracker: StartTracker) -> None:
        options = ("--worker-class", "gevent")
        url = start_tracker(*options, command=GUNICORN, **IN_MEMORY).address()
        with Subscriber(url) as subscriber:
            subscriber.wait_for_start()
            view_front_page(url)

            wait_until(lambda: subscriber.views == {"": 1}, "the view")
