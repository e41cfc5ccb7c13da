"""Connections to Redis: to one server, to the master that Sentinels name, to a cluster.

Everything here is sent once. The retries are in page_tracker.backends.redis.delivery.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
    NoPermissionError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from page_tracker.backends.redis.connecting import Connector, open_connection
from page_tracker.backends.redis.url import Servers, servers_of

Command = tuple[str | bytes | int, ...]
Reply = bytes | list[bytes] | Exception

# A partition is a range of slots, and usually one server has all of them. Where two
# servers share a partition and one fails, the sites on the other wait for it, too.
_CLUSTER_PARTITIONS = 64
# To connect to a cluster, the library asks one server for the list of commands. It
# needs retries to ask another server if this one fails.
_CONNECT_RETRIES = 5
# Enough to find one on each server, unless a server has hardly any slots.
_MOST_NAMES = 1024
# How often to ask the Sentinels whether another server has become the master.
_MASTER_CHECK_EVERY_S = 1.0
# RedisClusterException is not a subclass of RedisError.
ERRORS = (RedisError, RedisClusterException)


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


class Client(Protocol):
    """A client of one server or of several. It connects when it is first used."""

    partitions: int
    """The number of partitions of the key space. Each may be used by one thread."""

    def partition_of(self, key: str) -> int:
        """Return the number of the partition that holds a key, from 0."""

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands. Return a reply or an error for each.

        Raises one of ERRORS if it is unknown which of them were executed.
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


def open_client(url: str, *, timeout_s: float) -> Client:
    """Return the client for a checked URL.

    It waits at most timeout_s seconds to connect, and as long for each reply. With one
    server, all that a connection needs takes at most twice as long, also the lookup of
    the host. With several servers, lookups have no limit.
    """
    options: dict[str, Any] = {
        "socket_connect_timeout": timeout_s,
        "socket_timeout": timeout_s,
        # RESP 3 and the library's name in CLIENT LIST are not needed, and each would
        # cost every new connection a round trip.
        "protocol": 2,
        "driver_info": None,
    }
    servers = servers_of(url)
    if servers is None:
        pool = redis.ConnectionPool.from_url(url, retry=_no_retries(), **options)
        return _Server(pool, Connector(pool, timeout_s).open)
    options |= parse_url(servers.first_url)
    # The classes below take the addresses separately.
    for name in ("host", "port"):
        options.pop(name, None)
    options["ssl"] = options.pop("connection_class", None) is not None
    if servers.are_sentinels:
        return _Master(servers, options)
    return _Cluster(servers.addresses, options)


def _no_retries() -> Retry:
    return Retry(NoBackoff(), 0)


def _none_if_refused(execute: Callable[[], Any]) -> Any:
    try:
        return execute()
    except ResponseError:
        return None


class _Server(Client):
    """One server, over one connection."""

    partitions = 1

    def __init__(self, pool: redis.ConnectionPool, connect: Callable[[], Any]) -> None:
        """Use the options of a pool, and this function to open the connection."""
        self._pool = pool
        self._connect = connect
        self._connection: Any = None

    def partition_of(self, key: str) -> int:
        return 0

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        try:
            connection.send_packed_command(connection.pack_commands(commands))
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
        return [_none_if_refused(client.info) or {}]

    def on_each_server(
        self, name: Callable[[int], str], key_of: Callable[[str], str]
    ) -> list[str]:
        return [name(0)]

    def each(self, *command: str) -> list[Any]:
        client = redis.Redis(connection_pool=self._pool)
        return [_none_if_refused(lambda: client.execute_command(*command))]


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
            | {"retry": _no_retries()},
        )
        self._next_check = time.monotonic() + _MASTER_CHECK_EVERY_S
        pool = SentinelConnectionPool(
            servers.service, self._sentinels, retry=_no_retries(), **options
        )
        # Not in several threads: the library's Sentinel is made for one.
        super().__init__(pool, partial(open_connection, pool))

    def execute(self, commands: Sequence[Command]) -> list[Reply]:
        self._follow()
        return super().execute(commands)

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
        # One by one, so that a server that is down does not hide the others' replies.
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
                # A failover has happened, and the library has not noticed it.
                cluster.nodes_manager.initialize()
                infos = [self._info(cluster, node) for node in cluster.get_primaries()]
            return infos

    def on_each_server(
        self, name: Callable[[int], str], key_of: Callable[[str], str]
    ) -> list[str]:
        found: dict[str, str] = {}
        with self._opened() as cluster:
            masters = len(cluster.get_primaries())
            for number in range(_MOST_NAMES):
                if len(found) == masters:
                    break
                node = cluster.get_node_from_key(key_of(name(number)))
                if node is not None:
                    found.setdefault(node.name, name(number))
        return list(found.values())

    def each(self, *command: str) -> list[Any]:
        with self._opened() as cluster:
            return [
                _none_if_refused(
                    partial(cluster.execute_command, *command, target_nodes=node)
                )
                for node in cluster.get_primaries()
            ]

    @staticmethod
    def _info(cluster: redis.RedisCluster, node: ClusterNode) -> dict[str, Any]:
        with suppress(NoPermissionError):
            cluster.ping(target_nodes=node)
        try:
            info: dict[str, Any] = cluster.info(target_nodes=node)
            return info
        except ResponseError:
            return {}

    @contextmanager
    def _opened(self) -> Iterator[redis.RedisCluster]:
        """Yield the connected client. Raises only ERRORS, also from the block."""
        try:
            yield self._open()
        except RedisError:
            raise
        except RedisClusterException:
            # The client has replaced the addresses of the URL by those it has learned.
            # These may be outdated: start again with the addresses of the URL.
            self._cluster = None
            raise
        except Exception as error:
            # The library fails in various ways when a server is new to it or has no
            # slots yet.
            raise RedisClusterException("the cluster is being reconfigured") from error

    def _open(self) -> redis.RedisCluster:
        # Created on first use, because the constructor connects.
        with self._opening:
            if self._cluster is None:
                cluster = redis.RedisCluster(
                    startup_nodes=[ClusterNode(*node) for node in self._nodes],
                    retry=Retry(NoBackoff(), _CONNECT_RETRIES),
                    # When one server is down, the others are still used.
                    require_full_coverage=False,
                    **self._options,
                )
                cluster.set_retry(_no_retries())
                self._cluster = cluster
            return self._cluster
