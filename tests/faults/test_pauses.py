"""Redis pauses for less than the deadline, or for longer."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis import TimeoutError as RedisTimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from page_tracker import Page
from page_tracker.backends.redis.backend import RedisBackend
from tests.counting import stored_views
from tests.faults.recording import Recorder
from tests.servers import RedisServer, wait_until

Pause = Callable[[float], None]
"""Pauses Redis for a number of seconds."""


@pytest.fixture(name="pause", params=["CLIENT PAUSE", "DEBUG SLEEP"])
def fixture_pause(
    request: pytest.FixtureRequest, pausable_redis: RedisServer
) -> Iterator[Pause]:
    """CLIENT PAUSE, which delays commands, or DEBUG SLEEP, which blocks Redis."""
    with Redis.from_url(pausable_redis.url) as client, ThreadPoolExecutor(1) as thread:

        def pause(seconds: float) -> None:
            client.client_pause(int(seconds * 1000), all=True)

        def sleep(seconds: float) -> None:
            thread.submit(client.execute_command, "DEBUG SLEEP", seconds)
            wait_until(lambda: not answers(pausable_redis), "Redis to sleep")

        yield pause if request.param == "CLIENT PAUSE" else sleep


def answers(server: RedisServer) -> bool:
    """Return whether Redis replies within 0.1 s."""
    retry = Retry(NoBackoff(), 0)
    with Redis.from_url(server.url, socket_timeout=0.1, retry=retry) as client:
        try:
            return bool(client.ping())
        except RedisTimeoutError:
            return False


def test_should_record_all_views_despite_a_pause_shorter_than_the_deadline(
    pausable_redis: RedisServer, page: Page, pause: Pause
) -> None:
    recorder = Recorder(RedisBackend(pausable_redis.url, deadline_s=4.0), page)
    assert recorder.record(50)

    pause(1.5)

    assert recorder.record(50)
    assert sorted(recorder.numbers) == list(range(1, 101))
    assert stored_views(pausable_redis.url, page.site) == 100


def test_should_fail_in_time_and_recover_when_a_pause_exceeds_the_deadline(
    pausable_redis: RedisServer, page: Page, pause: Pause
) -> None:
    recorder = Recorder(RedisBackend(pausable_redis.url, deadline_s=2.0), page)
    assert recorder.record(50)

    pause(6.0)

    begun = time.monotonic()
    assert not recorder.record(16)
    assert len(recorder.failures) == 16
    assert 1.9 < time.monotonic() - begun < 4
    for _ in range(5):
        begun = time.monotonic()
        assert not recorder.record(1)
        assert time.monotonic() - begun < 0.5

    wait_until(lambda: recorder.record(1), "a view to be recorded")
    assert recorder.record(50)
    recorder.assert_counted(stored_views(pausable_redis.url, page.site))
