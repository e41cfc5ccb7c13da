"""A view is counted once, even if its command or reply is late, lost or repeated."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from page_tracker import Page
from page_tracker.backends.redis.backend import RedisBackend
from tests.counting import stored_views
from tests.faults.recording import THREADS, TODAY, Recorder, referred, tally, view
from tests.proxy import Proxy
from tests.servers import RedisServer, wait_until

BATCH = b"EVALSHA"


@pytest.fixture(name="backend")
def fixture_backend(proxy: Proxy, page: Page) -> RedisBackend:
    """A backend behind the proxy. It is connected and has recorded one view."""
    backend = RedisBackend(proxy.url, deadline_s=10.0)
    assert backend.record(view(page)) == tally(1)
    return backend


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "silent"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_should_count_once_when_replies_are_lost(
    proxy: Proxy, backend: RedisBackend, page: Page, times: int, cut: bool
) -> None:
    proxy.lose_replies(times, to=BATCH, cut=cut)

    assert backend.record(view(page)) == tally(2)

    assert proxy.waiting_faults == 0
    assert backend.tally(page, TODAY) == tally(2)
    assert referred(backend, page) == 2
    assert backend.record(view(page)) == tally(3)


def test_should_count_the_first_view_of_a_site_once_when_a_copy_arrives_late(
    proxy: Proxy, backend: RedisBackend, own_redis: RedisServer
) -> None:
    new = Page("new.example", "/")
    held = proxy.hold_back(1, to=b"page_views:new.example")

    numbers = [backend.record(view(new)).site_views]
    numbers.append(RedisBackend(own_redis.url).record(view(new)).site_views)
    held.release()

    assert held.commands
    assert numbers == [1, 2]
    assert stored_views(own_redis.url, new.site) == 2


def test_should_count_once_when_a_reply_is_late(
    proxy: Proxy, backend: RedisBackend, page: Page
) -> None:
    proxy.delay_replies(1, to=BATCH, seconds=5)

    assert backend.record(view(page)) == tally(2)
    assert backend.record(view(page)) == tally(3)


def test_should_count_the_views_of_many_threads_once_over_a_faulty_network(
    proxy: Proxy, backend: RedisBackend, page: Page
) -> None:
    recorder = Recorder(backend, page)
    for _ in range(50):
        proxy.lose_replies(1, to=BATCH, cut=True)
        proxy.let_pass(2, to=BATCH)

    # At least 150 batches, because each thread waits for the batch of its view.
    assert recorder.record(150 * THREADS)

    assert proxy.waiting_faults == 0
    assert sorted(recorder.numbers) == list(range(2, 2 + 150 * THREADS))
    assert backend.tally(page, TODAY) == tally(1 + 150 * THREADS)
    assert referred(backend, page) == 1 + 150 * THREADS


def test_should_refuse_a_batch_that_arrives_again(
    proxy: Proxy, backend: RedisBackend, page: Page
) -> None:
    held = proxy.hold_back(1, to=BATCH)
    assert backend.record(view(page)) == tally(2)

    assert held.release()

    assert backend.tally(page, TODAY) == tally(2)
    assert referred(backend, page) == 2
    assert backend.record(view(page)) == tally(3)


def test_should_refuse_a_batch_that_arrives_after_later_ones(
    proxy: Proxy, backend: RedisBackend, page: Page
) -> None:
    held = proxy.hold_back(1, to=BATCH)
    for number in (2, 3, 4, 5):
        assert backend.record(view(page)) == tally(number)

    assert held.release()

    assert backend.tally(page, TODAY) == tally(5)
    assert referred(backend, page) == 5
    assert backend.record(view(page)) == tally(6)


def test_should_count_at_most_once_when_a_batch_arrives_after_the_deadline(
    own_redis: RedisServer, proxy: Proxy, page: Page
) -> None:
    recorder = Recorder(RedisBackend(proxy.url, deadline_s=0.5), page)
    assert recorder.record(1)
    held = proxy.hold_back(1000, to=BATCH)
    assert not recorder.record(10)

    # The backend has sent the batch several times. Now all copies arrive.
    assert len(held.release()) > 1

    wait_until(lambda: recorder.record(1), "a view to be recorded")
    recorder.assert_counted(stored_views(own_redis.url, page.site))


def test_should_record_all_views_when_connections_are_refused_temporarily(
    proxy: Proxy, backend: RedisBackend, page: Page
) -> None:
    recorder = Recorder(backend, page)

    with ThreadPoolExecutor(1) as visitors:
        with proxy.refusing():
            recorded = visitors.submit(recorder.record, 50)
            time.sleep(0.5)  # nothing shows the failed attempts
            assert not recorder.numbers and not recorder.failures
        assert recorded.result()

    assert sorted(recorder.numbers) == list(range(2, 52))
