"""Counting while processes are killed, Redis's and the tracker's own."""

import time

import pytest

from tests.conftest import StartTracker
from tests.counting import Load, counted
from tests.servers import RedisServer

pytestmark = [pytest.mark.storm, pytest.mark.timeout(120)]

CLIENTS = 32
SECONDS = 15


def test_should_count_once_while_redis_is_killed_again_and_again(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url, PAGE_TRACKER_DEADLINE="10")

    with Load(tracker.address(), CLIENTS) as load:
        for _ in range(SECONDS):
            load.await_views()
            time.sleep(1)  # so that it is killed in the middle of something
            own_redis.kill()
            own_redis.start()
        load.await_views()

    # It was back before any deadline.
    assert not load.failures
    load.assert_counted(counted(own_redis.url))


def test_should_count_once_while_workers_are_killed_again_and_again(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)

    with Load(tracker.address(), CLIENTS) as load:
        for _ in range(SECONDS):
            load.await_views()
            time.sleep(1)  # so that it is killed in the middle of something
            tracker.kill_a_worker()
        load.await_views()

    load.assert_counted(counted(own_redis.url))
