"""Connections to Redis: to one server, to the master that Sentinels name, to a cluster.

What is sent is sent once: who sends it again, and how often, is decided elsewhere.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Protocol

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import parse_url
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from page_tracker.backends.redis.url import Servers, servers_of

Command = tuple[str | bytes | int, ...]
Reply = bytes | list[bytes] | Exception

# Neighbouring slots mostly are on one server, and so are those of one queue. Where a
# queue is on two, and one of these is gone, sites on the other wait for it, too.
_CLUSTER_PARTITIONS = 64
# To open a cluster, the library asks one server for its commands, and another one
# only if it may try again.
_TRIES_TO_OPEN = 5
# How often the Sentinels are asked whether another server has become the master.
_LOOK_EVERY_S = 1.0
# Also RedisClusterException, which is no RedisError.
ERRORS = (RedisError, RedisClusterException)


_PASSING = (
    redis.ConnectionError,  # refused, reset, LOADING, no master known to the Sentinels
    redis.TimeoutError,
    ReadOnlyError,
    TryAgainError,
    ClusterError,  # CLUSTERDOWN, MASTERDOWN, too many redirections
    RedisClusterException,  # nobody to ask for the slots, or nobody there for this one
)
# In the library these are connection errors, but another try would not help.
_REFUSALS = (AuthenticationError, AuthorizationError)
# Errors that the library has no class for: a script runs long, a replica is missing.
_PASSING_CODES = ("BUSY ", "NOREPLICAS ")


def passes(error: Exception) -> bool:
    """Tell whether what failed with this error may succeed if it is sent again."""
    # The cluster's client does not find the slots, and says why in the cause.
    if isinstance(error, _REFUSALS) or isinstance(error.__cause__, _REFUSALS):
        return False
    return isinstance(error, _PASSING) or str(error).startswith(_PASSING_CODES)


def shortened(error: Exception) -> Exception:
    """Cut from the text of an error what may quote a password, or tells nothing."""
    text = str(error)
    if isinstance(error, ResponseError):
        # A server that does not know AUTH quotes what came with it; and where in a
        # script it was is of no use to whoever reads the log.
        error.args = (text.partition(", with args")[0].partition(" script: ")[0],)
    elif isinstance(error, MasterNotFoundError):
        # Some versions of the library name each Sentinel with all its options.
        error.args = (text.partition(" : ")[0],)
    return error


class Client(Protocol):
    """A way to Redis, which connects when it is first used."""

    partitions: int
    """How many callers may use it at once, each a queue of its own."""

    def partition_of(self, key: str) -> int:
        """Tell in which queue the key is, from 0."""

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands; return a reply or error for each.

        Raises one of ERRORS if it is not known which of them were executed.
        """

    def infos(self) -> list[dict[str, Any]]:
        """Return what INFO says on each server that takes writes, {} if it refuses.

        Raises one of ERRORS.
        """

    def each(self, *command: str) -> list[Any]:
        """Return what each server that takes writes replies, None if it refuses.

        Raises one of ERRORS.
        """


def open_client(url: str, *, timeout_s: float) -> Client:
    """Return the client for a checked URL; each step may take so many seconds."""
    options: dict[str, Any] = {
        "socket_connect_timeout": timeout_s,
        "socket_timeout": timeout_s,
        # Nothing here needs RESP 3 or the library's name in CLIENT LIST, and
        # each costs a new connection round trips before its first command.
        "protocol": 2,
        "driver_info": None,
    }
    servers = servers_of(url)
    if servers is None:
        return _Server(redis.ConnectionPool.from_url(url, retry=_never(), **options))
    options |= parse_url(servers.one)
    # These are for a Connection; the classes below want them otherwise.
    for name in ("host", "port"):
        options.pop(name, None)
    options["ssl"] = options.pop("connection_class", None) is not None
    if servers.are_sentinels:
        return _Master(servers, options)
    return _Cluster(servers.addresses, options)


def _never() -> Retry:
    return Retry(NoBackoff(), 0)


def _unless_refused(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ResponseError:
        return None


class _Server(Client):
    """One server, over one connection."""

    partitions = 1

    def __init__(self, pool: redis.ConnectionPool) -> None:
        self._pool = pool
        # Not all kinds of connections have a host, and the library's types say so.
        self._connection: Any = pool.make_connection()

    def partition_of(self, key: str) -> int:
        return 0

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        connection = self._connection
        try:
            connection.connect()
            connection.send_packed_command(connection.pack_commands(commands))
            return [self._read() for _ in commands]
        except BaseException:
            # Or the next to use it would read a reply that is meant for this one.
            connection.disconnect()
            raise

    def _read(self) -> Reply:
        try:
            reply: bytes | list[bytes] = self._connection.read_response()
            return reply
        except ResponseError as error:
            if isinstance(error, ReadOnlyError) or str(error).startswith("NOREPLICAS "):
                # Its name may lead to another server by now: connect anew.
                raise
            return error

    def infos(self) -> list[dict[str, Any]]:
        client = redis.Redis(connection_pool=self._pool)
        with client.pipeline(transaction=False) as pipeline:
            pipeline.ping()
            pipeline.info()
            pong, info = pipeline.execute(raise_on_error=False)
        if isinstance(pong, Exception):
            raise pong
        return [{} if isinstance(info, Exception) else info]

    def each(self, *command: str) -> list[Any]:
        client = redis.Redis(connection_pool=self._pool)
        return [_unless_refused(lambda: client.execute_command(*command))]


class _Master(_Server):
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
            | {"retry": _never()},
        )
        self._next_look = time.monotonic() + _LOOK_EVERY_S
        super().__init__(
            SentinelConnectionPool(
                servers.service, self._sentinels, retry=_never(), **options
            )
        )

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        self._follow()
        return super().execute(commands)

    def _follow(self) -> None:
        """Leave a server that is the master no more.

        It goes on answering until the Sentinels tell it, after some ten seconds, and
        then forgets what it has counted since it was replaced.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY_S
        try:
            address = self._sentinels.discover_master(self._service)
        except ERRORS:
            # Views need no Sentinels: none shall wait for them each second.
            self._next_look = now + 10 * _LOOK_EVERY_S
            return
        if address != (self._connection.host, self._connection.port):
            self._connection.disconnect()


class _Cluster(Client):
    """A Redis Cluster, with connections to each of its servers."""

    partitions = _CLUSTER_PARTITIONS

    def __init__(
        self, nodes: Sequence[tuple[str, int]], options: dict[str, Any]
    ) -> None:
        self._nodes = nodes
        self._options = options
        self._opening = Lock()
        self._cluster: redis.RedisCluster | None = None

    def partition_of(self, key: str) -> int:
        return key_slot(key.encode()) * self.partitions // REDIS_CLUSTER_HASH_SLOTS

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        # Each by itself: where one server is gone, the others have answered.
        return [self._execute(command) for command in commands]

    def _execute(self, command: Command) -> Reply:
        try:
            with self._opened() as cluster:
                reply: bytes | list[bytes] = cluster.execute_command(*command)
                return reply
        except ERRORS as error:
            return error

    def infos(self) -> list[dict[str, Any]]:
        with self._opened() as cluster:
            infos = [self._info(cluster, node) for node in cluster.get_primaries()]
            if any(info.get("role") == "slave" for info in infos):
                # Another has taken its place, and nothing has told the library.
                cluster.nodes_manager.initialize()
                infos = [self._info(cluster, node) for node in cluster.get_primaries()]
            return infos

    def each(self, *command: str) -> list[Any]:
        with self._opened() as cluster:
            return [
                _unless_refused(
                    partial(cluster.execute_command, *command, target_nodes=node)
                )
                for node in cluster.get_primaries()
            ]

    @staticmethod
    def _info(cluster: redis.RedisCluster, node: ClusterNode) -> dict[str, Any]:
        cluster.ping(target_nodes=node)
        try:
            info: dict[str, Any] = cluster.info(target_nodes=node)
            return info
        except ResponseError:
            return {}

    @contextmanager
    def _opened(self) -> Iterator[redis.RedisCluster]:
        """Raise whatever fails as one of ERRORS."""
        try:
            yield self._open()
        except RedisError:
            raise
        except RedisClusterException:
            # By now it knows other addresses than those of the URL: if none of them
            # is right, these may be.
            self._cluster = None
            raise
        except Exception as error:
            # The library trips over servers that it does not know yet, or that have
            # no slots yet.
            raise RedisClusterException("the cluster is being changed") from error

    def _open(self) -> redis.RedisCluster:
        # Not before: the library connects when the object is made.
        with self._opening:
            if self._cluster is None:
                cluster = redis.RedisCluster(
                    startup_nodes=[ClusterNode(*node) for node in self._nodes],
                    retry=Retry(NoBackoff(), _TRIES_TO_OPEN),
                    # Where one of the servers has gone, the others go on.
                    require_full_coverage=False,
                    **self._options,
                )
                cluster.set_retry(_never())
                self._cluster = cluster
            return self._cluster
