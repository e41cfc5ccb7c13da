"""Clients of Redis: of one server, of the master that Sentinels name, of a cluster."""

from typing import Any

import redis
from redis.connection import parse_url

from page_tracker.backends.redis.cluster import Cluster
from page_tracker.backends.redis.connecting import Connector
from page_tracker.backends.redis.connections import Client, Master, Server, no_retries
from page_tracker.backends.redis.url import servers_of


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
        pool = redis.ConnectionPool.from_url(url, retry=no_retries(), **options)
        return Server(pool, Connector(pool, timeout_s).open)
    options |= parse_url(servers.first_url)
    # The classes below take the addresses separately.
    for name in ("host", "port"):
        options.pop(name, None)
    options["ssl"] = options.pop("connection_class", None) is not None
    if servers.are_sentinels:
        return Master(servers, options)
    return Cluster(servers.addresses, options)
