"""Connections to the servers of a Redis Cluster.

Everything here is sent once, except to another server that has the key instead. The
retries are in page_tracker.backends.redis.delivery.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import (
    AskError,
    ClusterError,
    NoPermissionError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry

from page_tracker.backends.redis.connecting import open_connection
from page_tracker.backends.redis.connections import (
    ERRORS,
    Client,
    Command,
    Reply,
    Server,
    check_time,
    no_retries,
    none_if_refused,
)
from page_tracker.backends.redis.sharing import SharedServer

# A partition is a range of slots, and usually one server has all of them. Where two
# servers share a partition and one fails, the sites on the other wait for it, too.
_PARTITIONS = 64
# To connect to a cluster, the library asks one server for the list of commands. It
# needs retries to ask another server if this one fails.
_CONNECT_RETRIES = 5
# Enough to find one on each server, unless a server has hardly any slots.
_MOST_NAMES = 1024
# The place of the first key in EVAL and EVALSHA. Only these commands are executed.
_KEY = 3
# The server has not executed the command, because the slot moves or has moved, or
# because the server is not ready. MOVED is a kind of ASK in the library.
_REDIRECTIONS = (AskError, TryAgainError, ClusterError)


class Cluster(Client):
    """A Redis Cluster, with connections to each of its servers."""

    partitions = _PARTITIONS

    def __init__(
        self, nodes: Sequence[tuple[str, int]], options: dict[str, Any]
    ) -> None:
        self._nodes = nodes
        self._options = options
        self._opening = threading.Lock()
        self._cluster: redis.RedisCluster | None = None
        self._servers: dict[str, SharedServer] = {}
        # The server that has failed since the library last asked which there are.
        self._failed: str | None = None

    @property
    def is_ready(self) -> bool:
        # The library asks one server after another for the slots.
        is_known = self._cluster is not None and self._failed is None
        return is_known and all(
            server.is_ready for server in tuple(self._servers.values())
        )

    def partition_of(self, key: str) -> int:
        return key_slot(key.encode()) * self.partitions // REDIS_CLUSTER_HASH_SLOTS

    def execute(self, commands: Sequence[Command], until: float = inf) -> list[Reply]:
        self._refresh()
        # By server, so that one that is down does not hide the others' replies.
        indexes: defaultdict[str | None, list[int]] = defaultdict(list)
        for index, command in enumerate(commands):
            indexes[self._server_of(command)].append(index)
        replies: dict[int, Reply] = {}
        for name, of_server in indexes.items():
            sent = [commands[index] for index in of_server]
            of_commands = self._execute_on(name, sent, until)
            replies |= zip(of_server, of_commands, strict=True)
        return [replies[index] for index in range(len(commands))]

    def _server_of(self, command: Command) -> str | None:
        """Return the name of the server that has the key, or None if it is unknown."""
        with suppress(*ERRORS), self._opened() as cluster:
            node = cluster.get_node_from_key(command[_KEY])
            if node is not None and node.name not in self._servers:
                pool = cluster.get_redis_connection(node).connection_pool
                server = Server(pool, partial(open_connection, pool))
                self._servers.setdefault(node.name, SharedServer(server))
            return None if node is None else node.name
        return None

    def _refresh(self) -> None:
        """If a server has failed, ask which server has taken its place."""
        failed, self._failed = self._failed, None
        if failed is not None:
            with suppress(*ERRORS), self._opened() as cluster:
                cluster.nodes_manager.initialize(last_failed_node_name=failed)

    def _execute_on(
        self, name: str | None, commands: list[Command], until: float
    ) -> list[Reply]:
        if name is None:
            return [self._execute(command, until) for command in commands]
        try:
            replies = self._servers[name].execute(commands, until)
        except ERRORS as error:
            self._failed = name
            return [error] * len(commands)
        return [
            self._execute(command, until) if isinstance(reply, _REDIRECTIONS) else reply
            for command, reply in zip(commands, replies, strict=True)
        ]

    def _execute(self, command: Command, until: float) -> Reply:
        """Have the library find the server that has the key."""
        try:
            check_time(until)
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
                none_if_refused(
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
                cluster.set_retry(no_retries())
                self._cluster = cluster
            return self._cluster
