"""Threads that share a connection to a server of a cluster."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf
from threading import Event
from types import SimpleNamespace
from typing import cast

import pytest
import redis

from page_tracker.backends.redis import sharing
from page_tracker.backends.redis.connections import Command, Reply, Server
from page_tracker.backends.redis.sharing import SharedServer
from tests.servers import wait_until

LONG_S = 30.0


class FakeServer:
    """A server that replies to each command with its name, when it may."""

    def __init__(self, fails: bool = False) -> None:
        self.received: list[list[str]] = []
        self.times: list[float] = []
        self.may_reply = Event()
        self._fails = fails

    def execute(self, commands: Sequence[Command], until: float) -> list[Reply]:
        """Receive commands in one pipeline."""
        self.times.append(until)
        self.received.append([str(name) for name, *_ in commands])
        assert self.may_reply.wait(LONG_S)
        if self._fails:
            raise redis.ConnectionError("reset")
        return [str(name).encode() for name, *_ in commands]


def share(server: FakeServer) -> SharedServer:
    """Share the connection to a server."""
    return SharedServer(cast(Server, server))


def start(
    pool: ThreadPoolExecutor, shared: SharedServer, *names: str, until: float = inf
) -> Future[list[Reply]]:
    """Send commands in a thread of their own, and wait until they wait."""
    before = shared.waiting
    sent = pool.submit(shared.execute, [(name,) for name in names], until)
    wait_until(lambda: shared.waiting > before or sent.done(), "commands that wait")
    return sent


def start_first(
    pool: ThreadPoolExecutor, shared: SharedServer, server: FakeServer
) -> Future[list[Reply]]:
    """Send a command in a thread of its own, and wait until it is on its way."""
    sent = pool.submit(shared.execute, [("first",)], inf)
    wait_until(lambda: server.received, "the first command")
    return sent


def test_should_send_together_what_arrives_meanwhile() -> None:
    server = FakeServer()
    shared = share(server)

    with ThreadPoolExecutor() as pool:
        first = start_first(pool, shared, server)
        second = start(pool, shared, "a", "b")
        third = start(pool, shared, "c")
        server.may_reply.set()

        assert first.result() == [b"first"]
        assert second.result() == [b"a", b"b"]
        assert third.result() == [b"c"]

    assert server.received == [["first"], ["a", "b", "c"]]


def test_should_send_a_pipeline_only_while_there_is_time_for_all_of_it() -> None:
    server = FakeServer()
    shared = share(server)
    soon, later = time.monotonic() + LONG_S, time.monotonic() + 2 * LONG_S

    with ThreadPoolExecutor() as pool:
        start_first(pool, shared, server)
        start(pool, shared, "a", until=later)
        start(pool, shared, "b", until=soon)
        server.may_reply.set()

    assert server.received == [["first"], ["a", "b"]]
    assert server.times == [inf, soon]


def test_should_give_every_thread_the_error_of_its_pipeline() -> None:
    server = FakeServer(fails=True)
    shared = share(server)

    with ThreadPoolExecutor() as pool:
        first = start_first(pool, shared, server)
        others = [start(pool, shared, name) for name in "ab"]
        server.may_reply.set()

        for sent in (first, *others):
            assert isinstance(sent.exception(), redis.ConnectionError)

    assert server.received == [["first"], ["a", "b"]]


def test_should_limit_the_size_of_a_pipeline() -> None:
    server = FakeServer()
    shared = share(server)

    with ThreadPoolExecutor() as pool:
        first = start_first(pool, shared, server)
        many = [start(pool, shared, *[f"{number}"] * 200) for number in range(3)]
        server.may_reply.set()

        assert first.result() == [b"first"]
        for number, sent in enumerate(many):
            assert sent.result() == [str(number).encode()] * 200

    assert list(map(len, server.received)) == [1, 400, 200]


def test_should_not_send_what_has_waited_for_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=time.sleep)
    monkeypatch.setattr(sharing, "time", clock)
    server = FakeServer()
    shared = share(server)

    with ThreadPoolExecutor() as pool:
        first = start_first(pool, shared, server)
        late = start(pool, shared, "late", until=1.0)
        now[0] = 1.5
        in_time = start(pool, shared, "in time")
        server.may_reply.set()

        assert first.result() == [b"first"]
        assert isinstance(late.exception(), redis.TimeoutError)
        assert in_time.result() == [b"in time"]

    assert server.received == [["first"], ["in time"]]
