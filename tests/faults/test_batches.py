"""Batches of views count once and as a whole, whatever is lost or killed."""

import multiprocessing

import pytest

from page_tracker import Page, View
from page_tracker.backends.redis import batches
from page_tracker.backends.redis.backend import RedisBackend
from tests.contract_batches import of_two_sites
from tests.contract_owner import TODAY
from tests.proxy import Proxy
from tests.servers import RedisServer


@pytest.fixture(name="direct")
def fixture_direct(own_redis: RedisServer) -> RedisBackend:
    """A backend that is connected directly to Redis."""
    return RedisBackend(own_redis.url)


@pytest.mark.parametrize("marker", [b":batch", b":writer:"])
@pytest.mark.parametrize("times", [1, 3])
def test_should_count_a_batch_once_when_replies_are_lost(
    proxy: Proxy, direct: RedisBackend, page: Page, marker: bytes, times: int
) -> None:
    proxy.lose_replies(times, to=marker, cut=True)

    RedisBackend(proxy.url).record_batch(of_two_sites(page), name="a", today=TODAY)

    assert proxy.waiting_faults == 0
    assert direct.tally(page, TODAY).page_views == 3


def test_should_count_a_batch_of_one_day_once_when_replies_are_lost(
    proxy: Proxy, direct: RedisBackend, page: Page
) -> None:
    proxy.lose_replies(2, to=b":writer:", cut=True)

    views = [View(page, TODAY)] * 5
    RedisBackend(proxy.url).record_batch(views, name="a", today=TODAY)

    assert proxy.waiting_faults == 0
    assert direct.tally(page, TODAY).page_views == 5


@pytest.mark.parametrize("sent_again", [True, False])
def test_should_finish_a_batch_that_was_killed_at_any_step(
    proxy: Proxy,
    direct: RedisBackend,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    sent_again: bool,
) -> None:
    monkeypatch.setattr(batches, "_RUNNING_S", -1.0)
    for step in range(50):
        here = Page(f"{step}.{page.site}", "/here")
        was_killed = is_killed_at(proxy, step, here)
        # What another tracker sees before it looks for batches that were interrupted.
        has_begun = bool(direct.tally(here, TODAY).page_views)

        other = RedisBackend(direct._url)  # pylint: disable=protected-access
        if sent_again:
            other.record_batch(of_two_sites(here), name=here.site, today=TODAY)
        else:
            other.record_batch([View(page, TODAY)], name=here.site, today=TODAY)

        found = [view.page for view in of_two_sites(here)]
        views = [tally.page_views for tally in other.tallies(found[1:3], TODAY)]
        assert views == [3, 2] or not (sent_again or has_begun) and views == [0, 0]
        if not was_killed:
            # Among the steps are: admit, check, write down, count, and end.
            assert step >= 5
            return
    pytest.fail("the batch has too many steps")


def is_killed_at(proxy: Proxy, step: int, page: Page) -> bool:
    """Record a batch in a process that is killed before a step. Return if it was."""
    process = multiprocessing.get_context("spawn").Process(
        target=_record, args=(proxy.url, page)
    )
    proxy.let_pass(step, to=b"page_views")
    proxy.call_instead(process.kill, to=b"page_views")
    process.start()
    process.join()
    was_killed = process.exitcode != 0
    proxy._faults.clear()  # pylint: disable=protected-access
    return was_killed


def _record(url: str, page: Page) -> None:
    RedisBackend(url).record_batch(of_two_sites(page), name=page.site, today=TODAY)
