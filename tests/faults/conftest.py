"""Redis with a faulty network before it."""

from collections.abc import Iterator

import pytest

from tests.proxy import Proxy
from tests.servers import RedisServer


@pytest.fixture(name="proxy")
def fixture_proxy(own_redis: RedisServer) -> Iterator[Proxy]:
    """A proxy before the Redis of the test."""
    with Proxy(own_redis.port) as proxy:
        yield proxy
