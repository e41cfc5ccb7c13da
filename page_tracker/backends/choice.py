"""The choice of a backend: by its URL, or a Redis on this machine, or a SQLite file.

The backends are imported when they are opened, because each imports a library.
"""

# pylint: disable=import-outside-toplevel

import logging
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.backends.sqlite import url as sqlite_url
from page_tracker.backends.url import MEMORY_URL, check_url, is_sqlite
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

_log = logging.getLogger("page_tracker")

_PING_TIMEOUT_S = 0.25

FILE_NAME = "counts.db"
"""The name of the SQLite file if no other is set."""


def open_backend(
    url: str,
    *,
    deadline_s: float = 2.0,
    limits: Limits = Limits(),
    metrics: Metrics | None = None,
) -> CounterBackend:
    """Return the backend for a URL, which has the format of PAGE_TRACKER_BACKEND.

    The backend opens its storage when it is first used, and records events in the
    metrics. A request fails if the storage does not answer it within deadline_s
    seconds. Raises ValueError if the URL is not valid.
    """
    if check_url(url) == MEMORY_URL:
        _log.warning("Counts in memory are lost when this process ends")
        return MemoryBackend(limits=limits, metrics=metrics)
    if is_sqlite(url):
        from page_tracker.backends.sqlite.backend import SqliteBackend

        return SqliteBackend(
            sqlite_url.path_of(url),
            deadline_s=deadline_s,
            limits=limits,
            metrics=metrics,
        )
    from page_tracker.backends.redis.backend import RedisBackend

    return RedisBackend(url, deadline_s=deadline_s, limits=limits, metrics=metrics)


@dataclass(frozen=True, slots=True)
class Choice:
    """The URL of the backend, and the reason for it."""

    url: str
    reason: str
    setting: str = "PAGE_TRACKER_BACKEND"
    """The option or variable to change for another backend."""


def choose(
    data_folder: Path | None, *, host: str = "localhost", port: int = 6379
) -> Choice:
    """Choose the Redis at this address, or else a SQLite file in this folder.

    The Redis is chosen if it replies to a PING within 0.25 s, or is still loading.
    Raises BackendError if there is neither a Redis nor a folder.
    """
    reply = _ping(host, port)
    # While it reads its data after a start, it replies that it is loading.
    if reply.startswith(("+PONG", "-LOADING")):
        return Choice(
            f"redis://{host}:{port}",
            "no backend is set, and a Redis answers at this address",
        )
    if data_folder is None:
        raise BackendError(
            "the user has no home folder for the counts; allowed: a URL in "
            "PAGE_TRACKER_BACKEND, or a folder in STATE_DIRECTORY or XDG_DATA_HOME"
        )
    return Choice(
        sqlite_url.url_of(data_folder / FILE_NAME),
        f"no backend is set, and no Redis answers at {host}:{port} ({reply})",
    )


def _ping(host: str, port: int) -> str:
    """Return the reply to a PING, or the reason why there is none.

    This does not use the client library, which takes 0.1 s to import, and is not needed
    if no Redis answers.
    """
    deadline = time.monotonic() + _PING_TIMEOUT_S
    try:
        with socket.create_connection((host, port), _PING_TIMEOUT_S) as connection:
            connection.sendall(b"PING\r\n")
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            return connection.recv(100).decode(errors="replace").strip()
    except OSError as error:
        return error.strerror or str(error)
