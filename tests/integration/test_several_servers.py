"""Counting with Redis Sentinel and Redis Cluster."""

import traceback
from collections.abc import Iterator

import pytest

from page_tracker import BackendError, CounterBackend, Page, View
from page_tracker.backends.redis.backend import RedisBackend
from tests.contract import DAY, CounterBackendContract, OpenBackend
from tests.servers import free_port
from tests.topologies import ClusterRedis, SentinelRedis, running

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(name="url", scope="module", params=[SentinelRedis, ClusterRedis])
def fixture_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the servers."""
    folder = tmp_path_factory.mktemp("servers")
    with running(request.param, folder) as servers:
        yield servers.url


class TestSeveralServers(CounterBackendContract):
    """The contract with Sentinels and in a Cluster."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, url: str) -> OpenBackend:
        """Return a function that opens a backend with its own connections."""
        return lambda limits: RedisBackend(url, deadline_s=10, limits=limits)

    def test_should_have_no_warnings(self, backend: CounterBackend) -> None:
        assert not backend.check().warnings


def test_should_not_quote_the_password_when_no_sentinel_answers(page: Page) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    backend = RedisBackend(
        f"redis+sentinel://:s3cret@{nobody}/mymaster?sentinel_password=s3cret",
        deadline_s=1,
    )

    with pytest.raises(BackendError) as failed:
        backend.record(View(page, DAY))

    assert str(failed.value.__cause__) == "No master found for 'mymaster'"
    assert "s3cret" not in "".join(traceback.format_exception(failed.value))
