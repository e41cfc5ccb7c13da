"""Counts in Redis, or in Valkey, which speaks the same protocol."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from threading import Lock
from typing import Any

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from page_tracker.backends.protocol import BackendError
from page_tracker.model import Page, Tally, View


@dataclass(frozen=True, slots=True)
class _Limits:
    """How many connections there may be, and for how many seconds to wait for what."""

    connections: int
    free_connection: float
    connect: float
    reply: float


# In all less than 2 s, wherever Redis stops answering. A few connections keep Redis
# busy. The rest are for when it pauses, for its disk or to fork: the requests of so
# long can all be under way. Made only when needed, and fewer with TLS, which takes so
# much time to begin that 256 at once would be late by it alone.
_VIEWS = _Limits(connections=256, free_connection=0.4, connect=0.5, reply=1.0)
_VIEWS_OVER_TLS = replace(_VIEWS, connections=32)
# In all less than 1 s. One is enough, since those who ask at once share what is found,
# and for so long that nobody can keep Redis busy by asking.
_CHECKS = _Limits(connections=1, free_connection=0.2, connect=0.2, reply=0.5)
_CHECK_IS_GOOD_FOR_S = 0.5


class RedisBackend:
    """Counts that outlive this process and are shared by all that use the same Redis.

    A command is sent once and never again: when its reply is lost, nobody knows
    whether the view was counted, and sending it again could count it twice.
    """

    kind = "redis"
    shared = True

    def __init__(self, url: str) -> None:
        """Prepare to count at a redis://, rediss:// or unix:// URL; connects later.

        An option of the URL wins over what is set here: see check_redis_url().
        """
        tls = url.startswith("rediss:")
        self._views = _connect_later(url, _VIEWS_OVER_TLS if tls else _VIEWS)
        self._checks = _connect_later(url, _CHECKS)
        self._checking = Lock()
        self._checked = -inf
        self._found: list[str] | BackendError = []

    def record(self, view: View) -> Tally:
        """Count one view with one INCR. Raises BackendError."""
        with _failing_as("could not record a view"):
            return Tally(site_views=int(self._views.incr(_views_key(view.page))))

    def tally(self, page: Page) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        with _failing_as("could not read a tally"):
            views = self._views.get(_views_key(page))
            return Tally(site_views=0 if views is None else int(views))

    def check(self) -> list[str]:
        """Return how Redis may lose counts, as found out at most 0.5 s ago.

        Raises BackendError if Redis does not answer, or says that it takes no views.
        """
        with self._checking:
            if time.monotonic() - self._checked > _CHECK_IS_GOOD_FOR_S:
                try:
                    self._found = self._check()
                except BackendError as error:
                    self._found = error
                self._checked = time.monotonic()
            found = self._found
        if isinstance(found, BackendError):
            raise BackendError(*found.args) from found.__cause__
        return found

    def _check(self) -> list[str]:
        with _failing_as("cannot be used; the log says why"):
            with self._checks.pipeline(transaction=False) as pipeline:
                pipeline.ping()
                pipeline.info()
                pong, info = pipeline.execute(raise_on_error=False)
            if isinstance(pong, Exception):
                raise pong
        if isinstance(info, Exception):
            return ["cannot tell whether Redis keeps counts: it refuses INFO"]
        return _risks(info)


def _connect_later(url: str, limits: _Limits) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=limits.connections,
        timeout=limits.free_connection,
        socket_connect_timeout=limits.connect,
        socket_timeout=limits.reply,
        retry=Retry(NoBackoff(), 0),
        # Nothing here needs RESP 3 or the library's name in CLIENT LIST, and
        # each costs a new connection round trips before its first command.
        protocol=2,
        driver_info=None,
    )
    return Redis(connection_pool=pool)


def _risks(info: dict[str, Any]) -> list[str]:
    """Read out of a reply to INFO how counts may be lost.

    Raises BackendError if they cannot even be stored.
    """
    if info.get("role") == "slave":
        raise BackendError("Redis takes no views: it is a replica")
    policy = info.get("maxmemory_policy", "unknown")
    limit, used = info.get("maxmemory", 0), info.get("used_memory", 0)
    if policy == "noeviction" and 0 < limit <= used:
        raise BackendError("Redis takes no views: its memory is full")
    risks = []
    if policy != "noeviction":
        risks.append(
            f"Redis may evict counts: its maxmemory-policy is {policy}; "
            "noeviction keeps them"
        )
    if info.get("aof_enabled") != 1:
        risks.append(
            "Redis may lose the latest views when it stops: it has no append-only "
            "file; appendonly yes keeps them"
        )
    return risks


def _views_key(page: Page) -> str:
    """Name the string that holds all views of the page's site."""
    return f"page_views:{page.site}" if page.site else "page_views"


@contextmanager
def _failing_as(what: str) -> Iterator[None]:
    """Turn what the client raises, or a value that is no number, into BackendError."""
    try:
        yield
    except (RedisError, ValueError) as error:
        if isinstance(error, ResponseError):
            # A server that does not know AUTH quotes what came with it: the password.
            error.args = (str(error).partition(", with args")[0],)
        raise BackendError(f"Redis {what}") from error
