"""Stopping by SIGTERM, as `docker stop` sends it."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from redis import Redis

from tests.conftest import StartTracker
from tests.counting import Load, is_reset, see, see_at_once
from tests.servers import GUNICORN_CONFIGURED, RedisServer, connect, wait_until

pytestmark = pytest.mark.timeout(60)


def test_should_finish_what_is_in_flight_and_exit_with_0(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    see(url)
    with Redis.from_url(own_redis.url) as client, ThreadPoolExecutor(1) as visitor:
        client.client_pause(500, all=False)
        in_flight = visitor.submit(see, url)
        wait_until(
            lambda: any("b" in c["flags"] for c in client.client_list()),
            "the view to wait in Redis",
        )

        tracker.send(signal.SIGTERM)

        assert in_flight.result() == 2
        assert tracker.exit_code() == 0
        assert client.get("page_views") == b"2"


def test_should_answer_all_who_have_connected_before(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    see_at_once(url, clients=8, views=2)
    with ExitStack() as connections:
        tracker.send_to_all(signal.SIGSTOP)
        waiting = [connections.enter_context(connect(url)) for _ in range(20)]
        for client in waiting:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        # Each worker looks once a second whether it is to end. When it wakes,
        # that is the first thing it does.
        time.sleep(1.1)
        tracker.send_to_all(signal.SIGTERM)
        tracker.send_to_all(signal.SIGCONT)

        answers = [client.recv(1000) for client in waiting]

    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
    assert tracker.exit_code() == 0
    assert "Traceback" not in tracker.log
    with Redis.from_url(own_redis.url) as client:
        assert client.get("page_views") == b"36"


def test_should_let_those_who_wait_take_the_places_of_the_idle(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        *("--worker-connections", "5"),
        command=GUNICORN_CONFIGURED,
        REDIS_URL="memory://",
    )
    url = tracker.address()
    see(url)
    with ExitStack() as connections:
        for _ in range(5):
            connections.enter_context(connect(url))
        waiting = [connections.enter_context(connect(url)) for _ in range(10)]
        for client in waiting:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        tracker.send(signal.SIGTERM)

        answers = [client.recv(1000) for client in waiting]
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
    assert tracker.exit_code() == 0


def test_should_end_at_once_when_it_has_just_begun(start_tracker: StartTracker) -> None:
    tracker = start_tracker(REDIS_URL="memory://")
    tracker.address()
    begun = time.monotonic()

    tracker.send(signal.SIGTERM)

    assert tracker.exit_code() == 0
    assert time.monotonic() - begun < 5


def test_should_count_what_it_answers_and_nothing_else(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    clients = 16
    with Load(url, clients) as load:
        wait_until(lambda: len(load.numbers) > 100, "views")

        tracker.send(signal.SIGTERM)

        assert tracker.exit_code() == 0
    # Who connects in the very moment when the last worker stops listening is reset by
    # the system, unheard: nobody may be counted for that.
    assert [error for error in load.failures if not is_reset(error)] == []
    assert len(load.failures) <= clients
    with Redis.from_url(own_redis.url) as client:
        assert client.get("page_views") == str(len(load.numbers)).encode()
