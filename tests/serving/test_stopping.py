"""Stopping with SIGTERM, which `docker stop` sends."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from redis import Redis

from tests.conftest import StartTracker
from tests.counting import Load, is_reset, view_front_page, view_front_page_concurrently
from tests.servers import GUNICORN_CONFIGURED, RedisServer, connect, wait_until


def test_should_finish_requests_in_flight_and_exit_with_0(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    view_front_page(url)
    with Redis.from_url(own_redis.url) as client, ThreadPoolExecutor(1) as visitor:
        client.client_pause(500, all=False)
        in_flight = visitor.submit(view_front_page, url)
        wait_until(
            lambda: any("b" in c["flags"] for c in client.client_list()),
            "the view to wait in Redis",
        )

        tracker.send(signal.SIGTERM)

        assert in_flight.result() == 2
        assert tracker.exit_code() == 0
        assert client.get("page_views") == b"2"


def test_should_answer_all_clients_that_are_already_connected(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    view_front_page_concurrently(url, clients=8, views=2)
    with ExitStack() as connections:
        tracker.send_to_all(signal.SIGSTOP)
        waiting = [connections.enter_context(connect(url)) for _ in range(20)]
        for client in waiting:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        # Each worker checks once a second whether it must stop. After SIGCONT, this
        # check comes first.
        time.sleep(1.1)
        tracker.send_to_all(signal.SIGTERM)
        tracker.send_to_all(signal.SIGCONT)

        answers = [client.recv(1000) for client in waiting]

    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
    assert tracker.exit_code() == 0
    assert "Traceback" not in tracker.log
    with Redis.from_url(own_redis.url) as client:
        assert client.get("page_views") == b"36"


def test_should_serve_waiting_clients_in_place_of_idle_ones(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        *("--worker-connections", "5"),
        command=GUNICORN_CONFIGURED,
        REDIS_URL="memory://",
    )
    url = tracker.address()
    view_front_page(url)
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


def test_should_stop_at_once_when_it_has_just_started(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(REDIS_URL="memory://")
    tracker.address()
    begun = time.monotonic()

    tracker.send(signal.SIGTERM)

    assert tracker.exit_code() == 0
    assert time.monotonic() - begun < 5


def test_should_count_only_the_views_that_it_answers(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)
    url = tracker.address()
    clients = 16
    with Load(url, clients) as load:
        load.wait_for_views()

        tracker.send(signal.SIGTERM)

        assert tracker.exit_code() == 0
    # The kernel resets a client that connects at the moment when the last worker stops
    # listening. Such a view must not be counted.
    assert [error for error in load.failures if not is_reset(error)] == []
    assert len(load.failures) <= clients
    with Redis.from_url(own_redis.url) as client:
        assert client.get("page_views") == str(len(load.numbers)).encode()
