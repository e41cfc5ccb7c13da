"""Where to count when nobody has said so."""

import socket
import time
from dataclasses import dataclass

from page_tracker.backends.redis.url import MEMORY_URL

_PING_TIMEOUT_S = 0.25


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
