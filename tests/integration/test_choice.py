"""The choice of a backend, with and without REDIS_URL."""

import socket
import time

import pytest
from redis import Redis

from page_tracker.backends.choice import Choice, choose
from tests.servers import RedisServer

pytestmark = pytest.mark.timeout(10)


def test_should_use_the_given_url() -> None:
    assert choose("redis://far.example/3").url == "redis://far.example/3"


def test_should_use_a_redis_that_answers(own_redis: RedisServer) -> None:
    choice = choose(None, host="127.0.0.1", port=own_redis.port)

    assert choice.url == own_redis.url
    assert choice.reason.startswith("REDIS_URL is not set")


def test_should_use_memory_when_nothing_listens(own_redis: RedisServer) -> None:
    own_redis.kill()

    choice = choose(None, host="127.0.0.1", port=own_redis.port)

    assert choice == Choice(
        "memory://",
        "REDIS_URL is not set, and no Redis answers at "
        f"127.0.0.1:{own_redis.port} (Connection refused)",
    )


def test_should_use_memory_when_redis_requires_a_password(
    own_redis: RedisServer,
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.config_set("requirepass", "s3cret")

    choice = choose(None, host="127.0.0.1", port=own_redis.port)

    assert choice.url == "memory://"
    assert "NOAUTH" in choice.reason


def test_should_use_memory_when_there_is_no_answer_within_a_quarter_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        choice = choose(None, host="127.0.0.1", port=silent.getsockname()[1])
        elapsed = time.monotonic() - begun

    assert choice.url == "memory://"
    assert "timed out" in choice.reason
    assert 0.25 <= elapsed < 2
