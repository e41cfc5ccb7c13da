"""Opening connections to Redis while the name service is slow or loses questions."""

import queue
import threading
from typing import Any

import redis

# Under gevent, the lookups of a worker share ten threads.
_MOST_ATTEMPTS = 3


class NotConnectedError(redis.TimeoutError):
    """No connection opened in time."""


def open_connection(pool: redis.ConnectionPool) -> Any:
    """Return an open connection with the options of a pool. Raises redis.RedisError.

    It does not belong to the pool. It is typed as Any because only some classes of
    connections have a host.
    """
    connection = pool.connection_class(**pool.connection_kwargs)
    connection.connect()
    return connection


class Connector:
    """Opens connections to the server of a pool, for one thread.

    The system's lookup of a host has no limit. It may take many seconds if a question
    is lost, while another attempt is answered at once. Attempts therefore go on in
    threads of their own, and the first connection that opens is used.
    """

    def __init__(self, pool: redis.ConnectionPool, timeout_s: float) -> None:
        """Prepare to open connections. Each step takes at most timeout_s seconds.

        The steps are to connect and, for example, to agree on TLS.
        """
        self._pool = pool
        self._limit_s = 2 * timeout_s
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._outcomes: queue.Queue[Any] = queue.Queue()
        self._attempts = 0

    def open(self) -> Any:
        """Return an open connection.

        Raises the error of an attempt. Raises NotConnectedError if none ends in time;
        the next call may return the connection that they open.
        """
        connection = self._opened_since()
        if connection is None:
            if self._attempts < _MOST_ATTEMPTS:
                self._start_attempt()
            connection = self._wait()
        # Nobody looks at the connections that open later, so they are closed when their
        # threads end.
        self._begin_anew()
        return connection

    def _opened_since(self) -> Any | None:
        """Return a connection that has opened since the last call.

        Forgets the errors since then, because they may be outdated.
        """
        while not self._outcomes.empty():
            outcome = self._outcomes.get()
            if not isinstance(outcome, Exception):
                return outcome
            self._attempts -= 1
        return None

    def _start_attempt(self) -> None:
        attempt = (self._pool, self._outcomes)
        threading.Thread(target=_attempt, args=attempt, daemon=True).start()
        self._attempts += 1

    def _wait(self) -> Any:
        try:
            outcome = self._outcomes.get(timeout=self._limit_s)
        except queue.Empty:
            limit = f"{self._limit_s:g} s"
            raise NotConnectedError(
                f"no connection within {limit}, including the lookup of the host"
            ) from None
        if isinstance(outcome, Exception):
            self._attempts -= 1
            raise outcome
        return outcome


def _attempt(pool: redis.ConnectionPool, outcomes: queue.Queue[Any]) -> None:
    try:
        outcomes.put(open_connection(pool))
    except Exception as error:  # pylint: disable=broad-exception-caught
        outcomes.put(error)
