"""Counting in Redis servers that work together."""

from collections.abc import Iterator

import pytest

from page_tracker.backends.redis import RedisBackend
from tests.contract import CounterBackendContract
from tests.servers import redis_servers
from tests.topologies import ClusterRedis, SentinelRedis

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(name="url", scope="module", params=[SentinelRedis, ClusterRedis])
def fixture_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the servers."""
    folder = tmp_path_factory.mktemp("servers")
    servers = request.param(list(redis_servers().values())[0], folder)
    try:
        servers.start()
        yield servers.url
    finally:
        servers.kill()


class TestSeveralServers(CounterBackendContract):
    """The contract, in a Redis that Sentinels name, and in a Cluster."""

    @pytest.fixture(name="backend")
    def fixture_backend(self, url: str) -> RedisBackend:
        """Connections of its own for each test."""
        return RedisBackend(url)

    def test_should_warn_of_nothing(self, backend: RedisBackend) -> None:
        assert backend.check() == []
