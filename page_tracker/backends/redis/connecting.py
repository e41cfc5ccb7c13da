"""Opening connections to Redis while the name service is slow or loses questions."""

from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import redis

# The lookups of a worker share the ten threads of gevent.
_MOST_ATTEMPTS = 3


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
        self._outcomes: SimpleQueue[Any] = SimpleQueue()
        self._attempts = 0

    def create(self) -> Any:
        """Return a connection that is not open yet.

        The pool itself would create only a limited number, unless it gets them back.
        """
        return self._pool.connection_class(**self._pool.connection_kwargs)

    def open(self) -> Any:
        """Return an open connection.

        Raises the error of an attempt. Raises redis.TimeoutError if none ends in time;
        the next call may return the connection that they open.
        """
        if self._attempts < _MOST_ATTEMPTS:
            attempt = (self.create(), self._outcomes)
            Thread(target=_connect, args=attempt, daemon=True).start()
            self._attempts += 1
        try:
            outcome = self._outcomes.get(timeout=self._limit_s)
        except Empty:
            raise redis.TimeoutError(
                f"no connection within {self._limit_s:g} s, with the lookup of the host"
            ) from None
        if isinstance(outcome, Exception):
            self._attempts -= 1
            raise outcome
        # Nobody looks at the connections that open later, so they are closed when their
        # threads end.
        self._begin_anew()
        return outcome


def _connect(connection: Any, outcomes: SimpleQueue[Any]) -> None:
    try:
        connection.connect()
    except Exception as error:  # pylint: disable=broad-exception-caught
        outcomes.put(error)
    else:
        outcomes.put(connection)
