"""The proxy causes exactly the faults that a test requests."""

import socket
import time
from collections.abc import Iterator

import pytest
from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis import TimeoutError as RedisTimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.proxy import Proxy


@pytest.fixture(name="client")
def fixture_client(proxy: Proxy) -> Iterator[Redis]:
    """A client behind the proxy that never retries. The counter n is 1."""
    retry = Retry(NoBackoff(), 0)
    with Redis.from_url(
        proxy.url, protocol=2, socket_timeout=0.5, retry=retry
    ) as client:
        assert client.incr("n") == 1
        yield client


def test_should_forward_large_and_pipelined_commands(client: Redis) -> None:
    big = "x" * 1_000_000

    with client.pipeline() as pipeline:
        pipeline.set("big", big)
        pipeline.get("big")
        pipeline.incr("n")
        pipeline.lrange("none", 0, -1)
        pipeline.get("none")
        assert pipeline.execute() == [True, big.encode(), 2, [], None]


@pytest.mark.parametrize(
    ("cut", "error"), [(True, RedisConnectionError), (False, RedisTimeoutError)]
)
def test_should_lose_replies_only_to_matching_commands(
    proxy: Proxy, client: Redis, cut: bool, error: type[Exception]
) -> None:
    proxy.lose_replies(1, to=b"INCR", cut=cut)

    assert client.get("n") == b"1"
    with pytest.raises(error):
        client.incr("n")

    assert proxy.waiting_faults == 0
    assert client.incr("n") == 3


def test_should_delay_replies(proxy: Proxy, client: Redis) -> None:
    proxy.delay_replies(1, to=b"INCR", seconds=0.2)
    begun = time.monotonic()

    assert client.incr("n") == 2

    assert time.monotonic() - begun >= 0.2


def test_should_let_a_command_arrive_late(proxy: Proxy, client: Redis) -> None:
    held = proxy.hold_back(1, to=b"INCR")
    with pytest.raises(RedisConnectionError):
        client.incr("n")
    assert client.get("n") == b"1"

    assert held.release() == [b":2\r\n"]

    assert client.get("n") == b"2"


def test_should_refuse_connections_temporarily(proxy: Proxy, client: Redis) -> None:
    with proxy.refusing(), pytest.raises(RedisConnectionError, match="refused"):
        client.incr("n")

    assert client.incr("n") == 2


def test_should_cut_connections(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as connection:
        connection.sendall(b"*1\r\n$4\r\nPING\r\n")
        assert connection.recv(100) == b"+PONG\r\n"

        proxy.cut()

        assert connection.recv(100) == b""
