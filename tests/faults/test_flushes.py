"""Counting while all data or all scripts are flushed from Redis."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.conftest import StartTracker
from tests.counting import Load, stored_views
from tests.servers import RedisServer

pytestmark = pytest.mark.storm

CLIENTS = 32


@pytest.fixture(name="client")
def fixture_client(own_redis: RedisServer) -> Iterator[Redis]:
    """A client of the test's Redis."""
    with Redis.from_url(own_redis.url) as client:
        yield client


def test_should_start_at_1_again_when_all_data_is_flushed(
    start_tracker: StartTracker, own_redis: RedisServer, client: Redis
) -> None:
    url = start_tracker(REDIS_URL=own_redis.url).address()
    counts = []

    with Load(url, CLIENTS) as load:
        for _ in range(5):
            load.wait_for_views()
            with client.pipeline(transaction=True) as at_once:
                at_once.get("page_views")
                at_once.flushall()
                at_once.script_flush()
                counts.append(int(at_once.execute()[0]))
        load.wait_for_views()

    counts.append(stored_views(own_redis.url))
    assert not load.failures
    # After each flush, the numbers start again at 1.
    assigned = Counter(n for count in counts for n in range(1, count + 1))
    assert Counter(load.numbers) == assigned


def test_should_fail_no_view_when_scripts_are_flushed(
    start_tracker: StartTracker, own_redis: RedisServer, client: Redis
) -> None:
    url = start_tracker(REDIS_URL=own_redis.url).address()

    with Load(url, CLIENTS) as load:
        for _ in range(20):
            load.wait_for_views()
            time.sleep(0.1)
            client.script_flush()
        load.wait_for_views()

    assert not load.failures
    assert sorted(load.numbers) == list(range(1, stored_views(own_redis.url) + 1))
