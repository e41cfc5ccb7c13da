"""Counts in Redis, or in Valkey, which speaks the same protocol."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from page_tracker.backends.protocol import BackendError
from page_tracker.model import Page, Tally, View

# A request may wait for a free connection, for that to connect, and for a reply: in
# all less than 2 s, wherever Redis stops answering.
_FREE_CONNECTION_TIMEOUT_S = 0.4
_CONNECT_TIMEOUT_S = 0.5
_REPLY_TIMEOUT_S = 1.0

# A few keep Redis busy. The rest are for when it pauses, for its disk or to fork: the
# requests of so long can all be under way. Made only when needed, and fewer with TLS,
# which takes so much time to begin that 256 at once would be late by it alone.
_MAX_CONNECTIONS = 256
_MAX_TLS_CONNECTIONS = 32


class RedisBackend:
    """Counts that outlive this process and are shared by all that use the same Redis.

    A command is sent once and never again: when its reply is lost, nobody knows
    whether the view was counted, and sending it again could count it twice.
    """

    shared = True

    def __init__(self, url: str) -> None:
        """Prepare to count at a redis://, rediss:// or unix:// URL; connects later.

        An option of the URL wins over what is set here: see check_redis_url().
        """
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=(
                _MAX_TLS_CONNECTIONS if url.startswith("rediss:") else _MAX_CONNECTIONS
            ),
            timeout=_FREE_CONNECTION_TIMEOUT_S,
            socket_connect_timeout=_CONNECT_TIMEOUT_S,
            socket_timeout=_REPLY_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            # Nothing here needs RESP 3 or the library's name in CLIENT LIST, and
            # each costs a new connection round trips before its first command.
            protocol=2,
            driver_info=None,
        )
        self._client = Redis(connection_pool=pool)

    def record(self, view: View) -> Tally:
        """Count one view with one INCR. Raises BackendError."""
        with _failing_as("could not record a view"):
            return Tally(site_views=int(self._client.incr(_views_key(view.page))))

    def tally(self, page: Page) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        with _failing_as("could not read a tally"):
            views = self._client.get(_views_key(page))
            return Tally(site_views=0 if views is None else int(views))

    def ping(self) -> None:
        """Raise BackendError unless Redis answers in time."""
        with _failing_as("did not answer a PING"):
            self._client.ping()


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
