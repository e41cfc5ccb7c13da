"""The choice of a backend: by its URL, or a Redis on this machine, or memory."""

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
    """Return the backend for a URL, which has the format of REDIS_URL.

    The backend connects when it is first used, and records events in the metrics. A
    request fails if Redis does not answer it within deadline_s seconds. Raises
    ValueError if the URL is not valid.
    """
    if check_url(url) == MEMORY_URL:
        _log.warning(
            "Counts in memory are lost when this process ends; set REDIS_URL to keep "
            "them"
        )
        return MemoryBackend(limits=limits, metrics=metrics)
    # Imported here, because importing this package must not import redis: see _ping().
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.backends.redis.backend import RedisBackend

    return RedisBackend(url, deadline_s=deadline_s, limits=limits, metrics=metrics)


@dataclass(frozen=True, slots=True)
class Choice:
    """The URL of the backend, and the reason for it."""

    url: str
    reason: str


def choose(
    redis_url: str | None, *, host: str = "localhost", port: int = 6379
) -> Choice:
    """Choose the given URL, or else a Redis at this address, or else memory.

    The Redis is chosen if it replies to a PING within 0.25 s.
    """
    if redis_url is not None:
        return Choice(redis_url, "set by REDIS_URL or --redis-url")
    reply = _ping(host, port)
    if reply == "+PONG":
        return Choice(
            f"redis://{host}:{port}",
            "REDIS_URL is not set, and a Redis answers at this address",
        )
    return Choice(
        MEMORY_URL,
        f"REDIS_URL is not set, and no Redis answers at {host}:{port} ({reply})",
    )


def _ping(host: str, port: int) -> str:
    """Return the reply to a PING, or the reason why there is none.

    Gunicorn's master calls this, so it does not use the client library. If the master
    has imported a library that imports names from ssl, each worker logs a warning of
    gevent that ssl is patched too late.
    """
    deadline = time.monotonic() + _PING_TIMEOUT_S
    try:
        with socket.create_connection((host, port), _PING_TIMEOUT_S) as connection:
            connection.sendall(b"PING\r\n")
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            return connection.recv(100).decode(errors="replace").strip()
    except OSError as error:
        return error.strerror or str(error)
