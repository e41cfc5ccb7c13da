"""Counting in several Redis servers while one takes over from another."""

import time

import pytest
from redis.crc import key_slot

from page_tracker import Page
from page_tracker.backends.redis.backend import RedisBackend
from tests.conftest import StartTracker
from tests.counting import Load, stored_views
from tests.faults.recording import Recorder
from tests.servers import wait_until
from tests.topologies import ClusterRedis, SentinelRedis

pytestmark = pytest.mark.timeout(240)

CLIENTS = 32


def test_should_continue_on_the_promoted_replica(
    start_tracker: StartTracker, sentinel_redis: SentinelRedis
) -> None:
    tracker = start_tracker(REDIS_URL=sentinel_redis.url, PAGE_TRACKER_DEADLINE="10")

    with Load(tracker.address(), CLIENTS) as load:
        load.wait_for_views()
        sentinel_redis.master.kill()
        load.wait_for_views(CLIENTS + 100)

    load.assert_counted(stored_views(sentinel_redis.replica.url))


def test_should_switch_quickly_from_a_replaced_master_that_still_answers(
    start_tracker: StartTracker, sentinel_redis: SentinelRedis
) -> None:
    tracker = start_tracker(REDIS_URL=sentinel_redis.url)

    with Load(tracker.address(), CLIENTS) as load:
        load.wait_for_views()
        sentinel_redis.fail_over()
        views = stored_views(sentinel_redis.replica.url)
        # The Sentinels demote the old master only after about ten seconds.
        wait_until(
            lambda: stored_views(sentinel_redis.replica.url) > views + 100,
            "views at the new master",
            timeout_s=5,
        )

    assert not load.failures
    # Views that the old master counted since are lost, but none is counted twice.
    assert stored_views(sentinel_redis.replica.url) <= len(load.numbers)


@pytest.mark.storm
def test_should_fail_no_view_when_slots_move_to_other_masters(
    start_tracker: StartTracker, cluster_redis: ClusterRedis
) -> None:
    tracker = start_tracker(REDIS_URL=cluster_redis.url, PAGE_TRACKER_DEADLINE="10")
    slot = key_slot(b"page_views")

    with Load(tracker.address(), CLIENTS) as load:
        for number in range(20):
            if number == 10:
                cluster_redis.add()
            load.wait_for_views()
            time.sleep(0.1)
            cluster_redis.move_slot(slot)
        load.wait_for_views()

    assert not load.failures
    load.assert_counted(stored_views(cluster_redis.owner(slot).url))


def test_should_keep_counting_other_sites_when_a_master_is_down(
    cluster_redis: ClusterRedis,
) -> None:
    backend = RedisBackend(cluster_redis.url, deadline_s=2.0)
    by_master = [
        Recorder(backend, Page(cluster_redis.site_of(master), "/"))
        for master in cluster_redis.masters
    ]
    assert all(recorder.record(50) for recorder in by_master)

    cluster_redis.masters[0].kill()

    gone, *others = by_master
    assert not gone.record(16)
    begun = time.monotonic()
    assert all(recorder.record(50) for recorder in others)
    assert not gone.record(1)
    assert time.monotonic() - begun < 1.5

    # This is like a worker that starts now.
    started = Recorder(RedisBackend(cluster_redis.url), Page(others[0].site, "/"))
    assert started.record(50)
    others[0].numbers += started.numbers

    cluster_redis.masters[0].start()
    wait_until(lambda: gone.record(1), "a view to be recorded")
    assert all(recorder.record(50) for recorder in by_master)
    for recorder, master in zip(by_master, cluster_redis.masters, strict=True):
        recorder.assert_counted(stored_views(master.url, recorder.site))
