"""Connections to Redis: to one server, and to the master that Sentinels name.

Everything here is sent once. The retries are in page_tracker.backends.redis.delivery.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any, Protocol

import redis
from hiredis import pack_command
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterError,
    NoPermissionError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from page_tracker.backends.redis.connecting import open_connection
from page_tracker.backends.redis.url import Servers

Command = tuple[str | bytes | int, ...]
Reply = bytes | list[bytes] | Exception

# How often to ask the Sentinels whether another server has become the master.
_MASTER_CHECK_EVERY_S = 1.0
# A caller that is about to send a view must not be the one that asks.
_MASTER_CHECK_EARLIER_S = 0.05
# RedisClusterException is not a subclass of RedisError.
ERRORS = (RedisError, RedisClusterException)

# The stub knows only commands without arguments.
_packed: Callable[[Command], bytes] = pack_command  # type: ignore[assignment]

_TRANSIENT = (
    redis.ConnectionError,  # refused, reset, LOADING, no master known to the Sentinels
    redis.TimeoutError,
    ReadOnlyError,
    TryAgainError,
    ClusterError,  # CLUSTERDOWN, MASTERDOWN, too many redirections
    RedisClusterException,  # no server knows the slots, or none has this slot
)
# In the library, these are kinds of ConnectionError, but a retry would not help.
_REFUSALS = (AuthenticationError, AuthorizationError)
# The library has no class for these: a script runs long, or a replica is missing.
_TRANSIENT_CODES = ("BUSY ", "NOREPLICAS ")


def is_transient(error: Exception) -> bool:
    """Return whether a command that failed with this error may succeed on a retry."""
    # The cluster client reports that it cannot read the slots. The cause says why.
    if isinstance(error, _REFUSALS) or isinstance(error.__cause__, _REFUSALS):
        return False
    return isinstance(error, _TRANSIENT) or str(error).startswith(_TRANSIENT_CODES)


def redacted(error: Exception) -> Exception:
    """Remove useless details and possible passwords from an error, and return it."""
    text = str(error)
    if isinstance(error, ResponseError):
        # A server without the AUTH command quotes its arguments. The position in a
        # script does not help a reader of the log.
        error.args = (text.partition(", with args")[0].partition(" script: ")[0],)
    elif isinstance(error, MasterNotFoundError):
        # Some versions of the library list each Sentinel with all its options.
        error.args = (text.partition(" : ")[0],)
    return error


def check_time(until: float) -> None:
    """Raise redis.TimeoutError if it is too late to send commands.

    Whoever has sent a view gets an error then, and may send it again.
    """
    if time.monotonic() > until:
        raise redis.TimeoutError("there was no time left to send the commands")


class Client(Protocol):
    """A client of one server or of several. It connects when it is first used."""

    partitions: int
    """The number of partitions of the key space. Each may be used by one thread."""

    @property
    def is_ready(self) -> bool:
        """Whether execute() returns or fails within its timeout, without connecting."""

    def partition_of(self, key: str) -> int:
        """Return the number of the partition that holds a key, from 0."""

    def execute(self, commands: Sequence[Command], until: float = inf) -> list[Reply]:
        """Send commands. Return a reply or an error for each.

        Sends nothing later than this, by time.monotonic(). Raises one of ERRORS if it
        is unknown which of them were executed.
        """

    def infos(self) -> list[dict[str, Any]]:
        """Return the INFO of each server that accepts writes, {} if it refuses INFO.

        Raises one of ERRORS.
        """

    def on_each_server(
        self, name: Callable[[int], str], key_of: Callable[[str], str]
    ) -> list[str]:
        """Return a name on each server that accepts writes: its key is there.

        The names are those of some numbers. Raises one of ERRORS.
        """

    def each(self, *command: str) -> list[Any]:
        """Send a command to each server that accepts writes. Return the replies.

        A server that refuses the command yields None. Raises one of ERRORS.
        """


def no_retries() -> Retry:
    """Return the policy of the library that sends nothing again."""
    return Retry(NoBackoff(), 0)


def none_if_refused(execute: Callable[[], Any]) -> Any:
    """Return the reply to a command, or None if the server refuses it."""
    try:
        return execute()
    except ResponseError:
        return None


class Server(Client):
    """One server, over one connection."""

    partitions = 1

    def __init__(self, pool: redis.ConnectionPool, connect: Callable[[], Any]) -> None:
        """Use the options of a pool, and this function to open the connection."""
        self._pool = pool
        self._connect = connect
        self._connection: Any = None

    @property
    def is_ready(self) -> bool:
        return self._connection is not None

    def partition_of(self, key: str) -> int:
        return 0

    def execute(self, commands: Sequence[Command], until: float = inf) -> list[Reply]:
        if self._connection is None:
            self._connection = self._connect()
        check_time(until)
        connection = self._connection
        try:
            # The library's own method takes three times as long.
            packed = b"".join(map(_packed, commands))
            connection.send_packed_command([packed])
            return [self._read() for _ in commands]
        except BaseException:
            # Otherwise the next command would read a reply to one of these.
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        self._connection.disconnect()
        self._connection = None

    def _read(self) -> Reply:
        try:
            reply: bytes | list[bytes] = self._connection.read_response()
            return reply
        except ResponseError as error:
            if isinstance(error, ReadOnlyError) or str(error).startswith("NOREPLICAS "):
                # The host name may lead to a new master by now: connect again.
                raise
            return error

    def infos(self) -> list[dict[str, Any]]:
        (pong,) = self.execute([("PING",)])
        if isinstance(pong, Exception) and not isinstance(pong, NoPermissionError):
            raise pong
        client = redis.Redis(connection_pool=self._pool)
        return [none_if_refused(client.info) or {}]

    def on_each_server(
        self, name: Callable[[int], str], key_of: Callable[[str], str]
    ) -> list[str]:
        return [name(0)]

    def each(self, *command: str) -> list[Any]:
        client = redis.Redis(connection_pool=self._pool)
        return [none_if_refused(lambda: client.execute_command(*command))]


class Master(Server):
    """The server that the Sentinels name, over one connection."""

    def __init__(self, servers: Servers, options: dict[str, Any]) -> None:
        own = {
            name: options.pop(f"sentinel_{name}", None)
            for name in ("username", "password")
        }
        shared = options.keys() - {"username", "password", "db"}
        self._service = servers.service
        self._sentinels = Sentinel(
            servers.addresses,
            sentinel_kwargs={name: options[name] for name in shared}
            | own
            | {"retry": no_retries()},
        )
        self._next_check = time.monotonic() + _MASTER_CHECK_EVERY_S
        pool = SentinelConnectionPool(
            servers.service, self._sentinels, retry=no_retries(), **options
        )
        # Not in several threads: the library's Sentinel is made for one.
        super().__init__(pool, partial(open_connection, pool))

    @property
    def is_ready(self) -> bool:
        due = self._next_check - _MASTER_CHECK_EARLIER_S
        return super().is_ready and time.monotonic() < due

    def execute(self, commands: Sequence[Command], until: float = inf) -> list[Reply]:
        self._follow()
        return super().execute(commands, until)

    def _follow(self) -> None:
        """Disconnect from a server that is no longer the master.

        The Sentinels demote the old master only after about ten seconds. Until then it
        accepts views, and then it discards those that it counted since the failover.
        """
        now = time.monotonic()
        # A new connection asks the Sentinels itself.
        if self._connection is None or now < self._next_check:
            return
        self._next_check = now + _MASTER_CHECK_EVERY_S
        try:
            address = self._sentinels.discover_master(self._service)
        except ERRORS:
            # Counting does not need the Sentinels, so no view may wait for them often.
            self._next_check = now + 10 * _MASTER_CHECK_EVERY_S
            return
        if address != (self._connection.host, self._connection.port):
            self._disconnect()
