"""Batches of views count once and as a whole, whatever is lost or killed."""

import multiprocessing
from collections.abc import Sequence
from typing import NoReturn
from unittest.mock import Mock

import pytest
from redis import Redis

from page_tracker import BackendError, Page, View
from page_tracker.backends.redis import batches
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.keys import site_key
from page_tracker.backends.redis.recording import record
from page_tracker.backends.redis.script_calls import Call, Script
from page_tracker.counting.model import Limits
from tests.contract_batches import of_two_sites
from tests.contract_owner import TODAY
from tests.proxy import Proxy
from tests.servers import RedisServer, wait_until


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
    look_at_once(monkeypatch)
    for step in range(50):
        here = Page(f"{step}.{page.site}", "/here")
        was_killed = is_killed_at(proxy, step, here)
        # What another tracker sees before it looks for batches that were interrupted.
        has_begun = bool(direct.tally(here, TODAY).page_views)

        other = RedisBackend(direct._url)  # pylint: disable=protected-access
        if sent_again:
            other.record_batch(of_two_sites(here), name=here.site, today=TODAY)
        else:
            other.check()
            wait_until_finished(other)

        found = [view.page for view in of_two_sites(here)]
        views = [tally.page_views for tally in other.tallies(found[1:3], TODAY)]
        assert views == [3, 2] or not (sent_again or has_begun) and views == [0, 0]
        if not was_killed:
            # Among the steps are: admit, check, write down, count, and end.
            assert step >= 5
            return
    pytest.fail("the batch has too many steps")


def test_should_finish_the_batches_after_one_that_fails(
    direct: RedisBackend,
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    look_at_once(monkeypatch)
    other = RedisBackend(own_redis.url)
    failing, working = Page(f"a.{page.site}", "/"), Page(f"b.{page.site}", "/")
    for each in (failing, working):
        with monkeypatch.context() as patched, pytest.raises(BackendError):
            patched.setattr(batches.Batches, "_finish", fail)
            direct.record_batch(of_two_sites(each), name=each.site, today=TODAY)
    with Redis.from_url(own_redis.url) as client:
        client.set(site_key(failing.site), "not a number")

        other.check()
        wait_until(
            lambda: direct.tally(working, TODAY).page_views == 3, "the other batch"
        )
        wait_until(lambda: "could not be finished" in caplog.text, "the failure")

        client.delete(site_key(failing.site))
    other.check()
    wait_until_finished(other)
    assert direct.tally(failing, TODAY).page_views == 3


def test_should_know_that_views_have_counted_until_their_batch_ends(
    direct: RedisBackend,
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_at_once(monkeypatch)
    with monkeypatch.context() as patched, pytest.raises(BackendError):
        patched.setattr(batches, "_LET_EXPIRE", Script("tally.lua"))
        direct.record_batch(of_two_sites(page), name="a", today=TODAY)
    with Redis.from_url(own_redis.url) as client:
        writers = list(client.scan_iter("*:writer:*"))
        assert writers and all(client.ttl(key) == -1 for key in writers)

        direct.record_batch(of_two_sites(page), name="a", today=TODAY)
        RedisBackend(own_redis.url).check()
        wait_until_finished(direct)

        assert all(client.ttl(key) > 0 for key in writers)
    assert direct.tally(page, TODAY).page_views == 3


def test_should_count_a_batch_once_if_its_end_comes_after_two_days(
    direct: RedisBackend,
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched, pytest.raises(BackendError):
        patched.setattr(batches, "_END_BATCH", Script("tally.lua"))
        direct.record_batch(of_two_sites(page), name="a", today=TODAY)
    with Redis.from_url(own_redis.url) as client:
        times = {key: client.ttl(key) for key in client.scan_iter()}
        expired = [key for key, left in times.items() if 0 < left <= 48 * 60 * 60]
        assert any(b":writer:" in key for key in expired)
        client.delete(*expired)

    look_at_once(monkeypatch)
    RedisBackend(own_redis.url).check()
    wait_until_finished(direct)

    assert direct.tally(page, TODAY).page_views == 3


@pytest.mark.parametrize("is_in_journal", [True, False])
def test_should_know_a_site_that_is_deleted_before_its_batch_counts(
    direct: RedisBackend,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    is_in_journal: bool,
) -> None:
    count = batches.Batches._count  # pylint: disable=protected-access

    def count_later(self: batches.Batches, calls: Sequence[Call[None]]) -> None:
        direct.delete_site(page.site, TODAY)
        count(self, calls)

    monkeypatch.setattr(batches.Batches, "_count", count_later)
    views = of_two_sites(page) if is_in_journal else [View(page, TODAY)] * 3

    direct.record_batch(views, name="a", today=TODAY)

    assert [total.views for total in direct.sites(TODAY, only=page.site)] == [3]


def test_should_keep_the_order_of_the_keys_that_journals_have() -> None:
    # Another version may finish the batch, and finds the keys by their places.
    call = record("w", 1, [View(Page("a.example", "/"), TODAY)], None, Limits())

    assert [key.removeprefix("{page_views:a.example}:") for key in call.keys] == [
        *("page_views:a.example", "pages", f"views:{TODAY}", f"day:{TODAY}"),
        *(f"visitors:{TODAY}", f"ignored:{TODAY}", f"more_visitors:{TODAY}"),
        *("first_day", "seen", f"writer:w:{TODAY}", "import", "import:replaced"),
        *("import:pages", f"import:day:{TODAY}", "referrers", f"referrers:{TODAY}"),
    ]


def test_should_answer_a_view_although_no_thread_can_look_for_batches(
    own_redis: RedisServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_once(monkeypatch)
    backend = RedisBackend(own_redis.url)
    backend.record(View(page, TODAY))
    threads = Mock(return_value=Mock(start=Mock(side_effect=RuntimeError("too many"))))
    monkeypatch.setattr(batches, "threading", Mock(Thread=threads))

    assert backend.record(View(page, TODAY)).page_views == 2
    assert threads.called


def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each backend look for batches always, and finish those that are new."""
    monkeypatch.setattr(batches, "_RUNNING_S", -1.0)
    monkeypatch.setattr(batches, "_LOOK_EVERY_S", -1.0)


def wait_until_finished(backend: RedisBackend) -> None:
    """Wait until no batch is unfinished."""
    with Redis.from_url(backend._url) as client:  # pylint: disable=protected-access
        key = batches._BEGUN  # pylint: disable=protected-access
        wait_until(lambda: client.hlen(key) == 0, "all batches to be finished")


def fail(*_: object) -> NoReturn:
    """Fail as if Redis had been lost."""
    raise BackendError("lost")


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
