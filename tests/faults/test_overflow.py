"""A count that has reached the largest number in Redis."""

import time
from collections.abc import Iterator

import pytest
from redis import Redis

from page_tracker import BackendError, Page
from page_tracker.backends.redis.backend import RedisBackend
from tests.faults.recording import Recorder, tally, view
from tests.servers import RedisServer

MAXIMUM = 2**63 - 1


@pytest.fixture(name="client")
def fixture_client(own_redis: RedisServer) -> Iterator[Redis]:
    """A client of the test's Redis."""
    with Redis.from_url(own_redis.url) as client:
        yield client


@pytest.fixture(name="backend")
def fixture_backend(own_redis: RedisServer, client: Redis, page: Page) -> RedisBackend:
    """A backend that recorded a view before the count reached the maximum."""
    backend = RedisBackend(own_redis.url, deadline_s=5.0)
    assert backend.record(view(page)) == tally(1)
    client.set(f"page_views:{page.site}", MAXIMUM)
    return backend


def stored(client: Redis) -> dict[object, object]:
    """Return all data in Redis, except the records that writers keep of batches."""
    keys = [key for key in client.keys() if ":writer:" not in str(key)]
    return {key: client.dump(key) for key in keys}


def test_should_fail_immediately_without_changing_any_data(
    client: Redis, backend: RedisBackend, page: Page
) -> None:
    before = stored(client)
    assert len(before) > 1
    begun = time.monotonic()

    with pytest.raises(BackendError):
        backend.record(view(page))

    assert time.monotonic() - begun < 2.5
    assert stored(client) == before


def test_should_fail_for_this_site_only(backend: RedisBackend, page: Page) -> None:
    full = Recorder(backend, page)
    other = Recorder(backend, Page(site=f"www.{page.site}", path="/"))

    for _ in range(5):
        assert not full.record(10)
        assert other.record(10)

    assert sorted(other.numbers) == list(range(1, 51))
