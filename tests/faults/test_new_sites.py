"""Counting new sites, which takes several steps, while Redis fails."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from redis import Redis

from page_tracker import BackendError, Page
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.keys import site_key
from tests.counting import stored_views
from tests.faults.recording import THREADS, Recorder, view
from tests.servers import RedisServer, wait_until
from tests.topologies import ClusterRedis

DEADLINE_S = 1.0
KILLS = 5


@pytest.mark.storm
def test_should_count_once_while_redis_is_killed_repeatedly(
    own_redis: RedisServer,
) -> None:
    backend, over = RedisBackend(own_redis.url, deadline_s=10), Event()
    sites: list[str] = []

    def record_new_sites(thread: int) -> None:
        for number in range(10_000):
            if over.is_set():
                return
            site = f"{number}.{thread}.example"
            views = [backend.record(view(Page(site, "/"))) for _ in range(2)]
            assert [tally.site_views for tally in views] == [1, 2]
            sites.append(site)

    with ThreadPoolExecutor(THREADS) as threads:
        recording = [threads.submit(record_new_sites, n) for n in range(THREADS)]
        for _ in range(KILLS):
            wait_for_more(sites)
            own_redis.kill()
            own_redis.start()
        over.set()
        for thread in recording:
            thread.result()

    assert {stored_views(own_redis.url, site) for site in sites} == {2}
    with Redis.from_url(own_redis.url) as client:
        assert client.smembers("{page_views}:sites") >= {s.encode() for s in sites}


def wait_for_more(sites: list[str]) -> None:
    """Wait until there are more sites."""
    enough = len(sites) + 20
    wait_until(lambda: len(sites) > enough, "new sites")


def test_should_not_delay_known_sites_when_another_master_is_suspended(
    cluster_redis: ClusterRedis,
) -> None:
    backend = RedisBackend(cluster_redis.url, deadline_s=DEADLINE_S)
    stalled, healthy, _ = sorted(
        cluster_redis.masters, key=lambda one: one is not cluster_redis.owner_of("")
    )
    known = Recorder(backend, Page(cluster_redis.site_of(healthy), "/"))
    assert known.record(50)

    stalled.suspend()

    new = Page(f"new.{known.site}", "/")
    while cluster_redis.owner_of(new.site) is not healthy:
        new = Page(f"new.{new.site}", "/")
    with ThreadPoolExecutor(1) as thread:
        begun = time.monotonic()
        refused = thread.submit(backend.record, view(new))
        while not refused.done():
            assert known.record(THREADS)
        with pytest.raises(BackendError):
            refused.result()
        assert time.monotonic() - begun < 3 * DEADLINE_S
    assert known.record(50)
    known.assert_counted(stored_views(healthy.url, known.site))
    with Redis.from_url(healthy.url) as client:
        assert not client.exists(site_key(new.site))
