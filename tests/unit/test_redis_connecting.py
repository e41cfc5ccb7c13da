"""Opening connections while attempts hang."""

import time
from collections.abc import Callable
from threading import Event, Thread, current_thread
from typing import Any, cast
from unittest.mock import Mock

import pytest
import redis

from page_tracker.backends.redis.connecting import Connector, NotConnectedError
from page_tracker.backends.redis.connections import Server


def test_should_send_nothing_if_there_is_no_time_left_after_connecting() -> None:
    connection = Mock()
    server = Server(Mock(), lambda: connection)

    with pytest.raises(redis.TimeoutError):
        server.execute([("PING",)], time.monotonic() - 1)

    connection.send_packed_command.assert_not_called()


class FakePool:
    """A pool whose connections connect with one function each."""

    def __init__(self, *connects: Callable[[], object]) -> None:
        self.connection_kwargs: dict[str, Any] = {}
        self.created: list[FakeConnection] = []
        self.threads: list[Thread] = []
        self._connects = iter(connects)

    def connection_class(self) -> "FakeConnection":
        """Return the next connection."""
        self.threads.append(current_thread())
        connection = FakeConnection(next(self._connects))
        self.created.append(connection)
        return connection


class FakeConnection:
    """A connection that connects as a test wants it to."""

    def __init__(self, connect: Callable[[], object]) -> None:
        self.connect = connect


def connector_of(pool: FakePool) -> Connector:
    """Return a connector whose attempts have 0.1 s."""
    return Connector(cast(redis.ConnectionPool, pool), timeout_s=0.05)


def refuse() -> None:
    """Fail as a connection does that is refused."""
    raise redis.ConnectionError("refused")


def test_should_use_another_connection_while_an_attempt_hangs() -> None:
    over = Event()
    pool = FakePool(over.wait, lambda: None)
    connector = connector_of(pool)
    try:
        with pytest.raises(NotConnectedError, match="no connection within 0.1 s"):
            connector.open()

        assert connector.open() is pool.created[1]
    finally:
        over.set()


def test_should_use_a_connection_that_opens_late() -> None:
    over = Event()
    pool = FakePool(over.wait)
    connector = connector_of(pool)
    with pytest.raises(NotConnectedError):
        connector.open()

    over.set()
    pool.threads[0].join()

    assert connector.open() is pool.created[0]
    assert len(pool.created) == 1


def test_should_forget_an_error_that_nobody_waited_for() -> None:
    over = Event()

    def refuse_late() -> None:
        over.wait()
        refuse()

    pool = FakePool(refuse_late, lambda: None)
    connector = connector_of(pool)
    with pytest.raises(NotConnectedError):
        connector.open()

    over.set()
    pool.threads[0].join()

    assert connector.open() is pool.created[1]


def test_should_start_three_attempts_at_most_until_one_ends() -> None:
    over = Event()
    pool = FakePool(*[over.wait] * 3, refuse)
    connector = connector_of(pool)
    try:
        for _ in range(5):
            with pytest.raises(NotConnectedError):
                connector.open()

        assert len(pool.created) == 3
    finally:
        over.set()


def test_should_raise_the_error_of_an_attempt() -> None:
    connector = connector_of(FakePool(refuse, lambda: None))

    with pytest.raises(redis.ConnectionError, match="refused"):
        connector.open()
    assert connector.open()
