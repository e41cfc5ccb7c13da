"""Counting in Redis and in Valkey."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from redis import Redis

from page_tracker import BackendError, Page, View
from page_tracker.backends.redis import RedisBackend
from tests.conftest import StartRedis
from tests.contract import CounterBackendContract, fixture_page
from tests.servers import RedisServer, redis_servers

__all__ = ["fixture_page"]

pytestmark = pytest.mark.timeout(30)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the contract on every server there is, or on the one that is named."""
    if "server" in metafunc.fixturenames:
        named = metafunc.config.getoption("--redis-url")
        names = ["named"] if named else list(redis_servers())
        metafunc.parametrize("server", names, scope="session")


@pytest.fixture(name="url", scope="session")
def fixture_url(
    server: str, pytestconfig: pytest.Config, start_redis: StartRedis
) -> str:
    """The URL of the server."""
    named: str | None = pytestconfig.getoption("--redis-url")
    return named or start_redis(server).url


class TestRedisBackend(CounterBackendContract):
    """The contract, in Redis."""

    @pytest.fixture(name="backend")
    def fixture_backend(self, url: str, page: Page) -> Iterator[RedisBackend]:
        """Connections of its own for each test."""
        yield RedisBackend.from_url(url)
        with Redis.from_url(url) as client:
            client.delete(f"page_views:{page.site}", f"page_views:www.{page.site}")


@pytest.fixture(name="site")
def fixture_site(redis_client: Redis) -> Iterator[str]:
    """A site that nothing was ever recorded of."""
    site = f"{uuid4()}.example"
    yield site
    redis_client.delete(f"page_views:{site}")


def test_should_count_from_what_is_stored(
    redis_url: str, redis_client: Redis, site: str
) -> None:
    redis_client.set(f"page_views:{site}", 4)

    tally = RedisBackend.from_url(redis_url).record(View(Page(site, "/")))

    assert tally.site_views == 5
    assert redis_client.get(f"page_views:{site}") == b"5"


@pytest.mark.parametrize("stored", ["many", str(2**63 - 1), "1.5", ""])
def test_should_leave_alone_what_cannot_be_counted_up(
    redis_url: str, redis_client: Redis, site: str, stored: str
) -> None:
    redis_client.set(f"page_views:{site}", stored)

    with pytest.raises(BackendError):
        RedisBackend.from_url(redis_url).record(View(Page(site, "/")))

    assert redis_client.get(f"page_views:{site}") == stored.encode()


def test_should_fail_when_a_tally_is_no_number(
    redis_url: str, redis_client: Redis, site: str
) -> None:
    redis_client.set(f"page_views:{site}", "many")

    with pytest.raises(BackendError):
        RedisBackend.from_url(redis_url).tally(Page(site, "/"))


def test_should_fail_and_quote_no_password_when_it_is_wrong(redis_url: str) -> None:
    url = redis_url.replace("redis://", "redis://nobody:s3cret@")

    with pytest.raises(BackendError) as failed:
        RedisBackend.from_url(url).ping()

    assert failed.value.__cause__ is not None
    assert "s3cret" not in f"{failed.value} {failed.value.__cause__}"


def test_should_fail_while_redis_is_gone_and_go_on_when_it_is_back(
    own_redis: RedisServer,
) -> None:
    page = Page("example.com", "/")
    backend = RedisBackend.from_url(own_redis.url)
    backend.record(View(page))
    own_redis.kill()
    with pytest.raises(BackendError):
        backend.record(View(page))
    with pytest.raises(BackendError):
        backend.ping()

    own_redis.start()

    assert backend.record(View(page)).site_views == 2
