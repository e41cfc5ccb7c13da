"""Counting while Redis or workers of the tracker are killed."""

import time
from collections.abc import Callable

import pytest

from tests.conftest import StartTracker
from tests.counting import Load, stored_views
from tests.servers import RedisServer, TrackerServer

pytestmark = pytest.mark.storm

CLIENTS = 32
KILLS = 15


def test_should_count_once_while_redis_is_killed_repeatedly(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url, PAGE_TRACKER_DEADLINE="10")

    def kill() -> None:
        own_redis.kill()
        own_redis.start()

    load = load_during_kills(tracker, kill)

    # Redis was back before the deadline of any view.
    assert not load.failures
    load.assert_counted(stored_views(own_redis.url))


def test_should_count_once_while_workers_are_killed_repeatedly(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=own_redis.url)

    load = load_during_kills(tracker, tracker.kill_worker)

    load.assert_counted(stored_views(own_redis.url))


def load_during_kills(tracker: TrackerServer, kill: Callable[[], None]) -> Load:
    """View the front page with many clients during kills, and return the results."""
    with Load(tracker.address(), CLIENTS) as load:
        for _ in range(KILLS):
            load.wait_for_views()
            time.sleep(1)  # so that the kill interrupts some work
            kill()
        load.wait_for_views()
    return load
