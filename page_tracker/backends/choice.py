"""The choice of a backend: by its URL, or by what runs on this machine."""

import logging
import socket
import time
from dataclasses import dataclass

from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.url import MEMORY_URL, check_url
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

_log = logging.getLogger("page_tracker")

_PING_TIMEOUT_S = 0.25


def open_backend(
    url: str,
    *,
    deadline_s: float = 2.0,
    limits: Limits = Limits(),
    metrics: Metrics | None = None,
) -> CounterBackend:
    """Return the backend of a URL of the forms that REDIS_URL has.

    It connects when it is first used. What Redis does not answer within deadline_s
    seconds fails. What it does, it tells the metrics. Raises ValueError if the URL is
    wrong.
    """
    if check_url(url) == MEMORY_URL:
        _log.warning(
            "Counts in memory begin at 0 and end with this process; "
            "set REDIS_URL to keep them"
        )
        return MemoryBackend(limits=limits, metrics=metrics)
    # Here, so that importing this package does not import redis: see _ping().
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.backends.redis.backend import RedisBackend

    return RedisBackend(url, deadline_s=deadline_s, limits=limits, metrics=metrics)


@dataclass(frozen=True, slots=True)
class Choice:
    """The URL to count at, and why it was chosen."""

    url: str
    reason: str


def choose(
    redis_url: str | None, *, host: str = "localhost", port: int = 6379
) -> Choice:
    """Take the URL, if any; else Redis at this address, if it answers; else memory.

    To answer is to reply to a PING within 0.25 s.
    """
    if redis_url is not None:
        return Choice(redis_url, "as set")
    reply = _ping(host, port)
    if reply == "+PONG":
        return Choice(
            f"redis://{host}:{port}", "REDIS_URL is not set, and a Redis answers there"
        )
    return Choice(
        MEMORY_URL,
        f"REDIS_URL is not set, and no Redis answers at {host}:{port} ({reply})",
    )


def _ping(host: str, port: int) -> str:
    """Return the reply to a PING, or why there is none.

    Spoken by hand, and not with the client library, since it is Gunicorn's master
    that has to know: of a library that uses ssl and is imported there, gevent warns
    at the start of each worker that it patches ssl too late for it.
    """
    deadline = time.monotonic() + _PING_TIMEOUT_S
    try:
        with socket.create_connection((host, port), _PING_TIMEOUT_S) as connection:
            connection.sendall(b"PING\r\n")
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            return connection.recv(100).decode(errors="replace").strip()
    except OSError as error:
        return error.strerror or str(error)
