"""Stopping with Ctrl+C, at which a terminal sends SIGINT to all processes."""

import multiprocessing
import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest
import requests
from gunicorn.workers.ggevent import GeventWorker
from redis import Redis

from page_tracker.server.worker import GracefulGeventWorker
from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S, view_front_page
from tests.servers import RedisServer, TrackerServer, connect, wait_until

# It takes 0.3 s. While other programs keep all cores busy, the ends of three Python
# processes may take more than 1 s. After a lost signal, it would take 8 s.
LIMIT_S = 2.0

# Workers may still be starting.
LAST_LINES = re.compile(
    r"Booting worker with pid: \d+|Counts in memory are lost .*"
    r"|Handling signal: int|Quick shutdown requested|Worker exiting \(pid: \d+\)"
    r"|Shutting down: Master"
)

Start = Callable[[str], TrackerServer]


@pytest.fixture(name="start")
def fixture_start(start_tracker: StartTracker) -> Start:
    """Return a function that starts a tracker in a terminal, with this backend."""
    return lambda backend: start_tracker(in_terminal=True, PAGE_TRACKER_BACKEND=backend)


@pytest.fixture(name="backend", params=["memory", "sqlite", "redis"])
def fixture_backend(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a backend of each kind."""
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        return url
    return "memory://" if request.param == "memory" else f"sqlite://{tmp_path}/counts"


def assert_stops(tracker: TrackerServer) -> None:
    """Press Ctrl+C. Fail unless the tracker exits soon, and only says that it does."""
    before = len(tracker.log)
    begun = time.monotonic()

    tracker.send_to_all(signal.SIGINT)

    assert tracker.exit_code() == 0
    took_s = time.monotonic() - begun
    wait_until(lambda: "Shutting down" in tracker.log, "the last line of the log")
    messages = [line.split("] ")[-1] for line in tracker.log[before:].splitlines()]
    assert all(map(LAST_LINES.fullmatch, messages)), tracker.log
    assert took_s < LIMIT_S, tracker.log


def test_should_stop_while_its_workers_start(start: Start, backend: str) -> None:
    tracker = start(backend)
    wait_until(lambda: "Booting worker" in tracker.log, "a worker")

    assert_stops(tracker)


def test_should_not_be_killed_while_a_worker_prepares_for_signals() -> None:
    def interrupt(_worker: GeventWorker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)

    def prepare() -> None:
        with mock.patch.object(GeventWorker, "init_signals", interrupt):
            GracefulGeventWorker.__new__(GracefulGeventWorker).init_signals()

    process = multiprocessing.get_context("fork").Process(target=prepare)
    process.start()
    process.join(TIMEOUT_S)

    assert process.exitcode == 0


def test_should_stop_when_it_has_counted_nothing(start: Start, backend: str) -> None:
    tracker = start(backend)
    requests.get(f"{tracker.address()}/healthz", timeout=TIMEOUT_S)

    assert_stops(tracker)


def test_should_stop_after_views(start: Start, backend: str) -> None:
    tracker = start(backend)
    url = tracker.address()
    for _ in range(3):
        view_front_page(url)

    assert_stops(tracker)


def test_should_not_wait_for_idle_clients(start: Start, backend: str) -> None:
    tracker = start(backend)
    url = tracker.address()
    with ExitStack() as connections:
        for _ in range(4):
            client = connections.enter_context(connect(url))
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")

        assert_stops(tracker)


def test_should_end_a_graceful_stop(start: Start, backend: str) -> None:
    tracker = start(backend)
    with connect(tracker.address()) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
        # Waits for this client, for 5 s.
        tracker.send(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in tracker.log, "the stop to begin")

        assert_stops(tracker)


def test_should_end_normally_whenever_a_signal_arrives(start: Start) -> None:
    # It has one worker, which has answered.
    tracker = start("memory://")
    view_front_page(tracker.address())

    tracker.send(signal.SIGTERM)
    wait_until(
        lambda: not tracker.send_to_worker(signal.SIGQUIT), "the end of the worker"
    )

    assert tracker.exit_code() == 0
    assert "was sent" not in tracker.log


def test_should_answer_a_view_in_progress(start: Start, own_redis: RedisServer) -> None:
    tracker = start(own_redis.url)
    url = tracker.address()
    view_front_page(url)
    with Redis.from_url(own_redis.url) as client, ThreadPoolExecutor(1) as visitor:
        client.client_pause(10_000, all=False)
        in_progress = visitor.submit(view_front_page, url)
        wait_until(
            lambda: any("b" in c["flags"] for c in client.client_list()),
            "the view to wait in Redis",
        )

        tracker.send_to_all(signal.SIGINT)
        client.client_unpause()

        assert in_progress.result() == 2
        assert tracker.exit_code() == 0
        assert client.get("page_views") == b"2"
