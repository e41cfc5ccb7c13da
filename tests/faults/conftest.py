"""Redis behind a faulty network, with Sentinels, or in a Cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import StartRedis
from tests.proxy import Proxy
from tests.servers import RedisServer
from tests.topologies import ClusterRedis, SentinelRedis, running


@pytest.fixture(name="proxy")
def fixture_proxy(own_redis: RedisServer) -> Iterator[Proxy]:
    """A proxy in front of the test's Redis."""
    with Proxy(own_redis.port) as proxy:
        yield proxy


@pytest.fixture(name="pausable_redis")
def fixture_pausable_redis(start_redis: StartRedis) -> Iterator[RedisServer]:
    """A Redis for one test only, with DEBUG SLEEP enabled."""
    server = start_redis("--enable-debug-command", "yes")
    yield server
    server.kill()


@pytest.fixture(name="sentinel_redis")
def fixture_sentinel_redis(tmp_path: Path) -> Iterator[SentinelRedis]:
    """A master and a replica that three Sentinels monitor."""
    with running(SentinelRedis, tmp_path) as servers:
        yield servers


@pytest.fixture(name="cluster_redis")
def fixture_cluster_redis(tmp_path: Path) -> Iterator[ClusterRedis]:
    """A Cluster of three masters."""
    with running(ClusterRedis, tmp_path) as servers:
        yield servers
