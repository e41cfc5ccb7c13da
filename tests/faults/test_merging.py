"""Merges of sites count each view once: with lost replies, and when they are killed."""

from collections.abc import Callable
from typing import Any

import apsw
import pytest
import redis

from page_tracker import Count, Ignored, Page, View
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.keys import key_of, site_key
from page_tracker.backends.redis.staging import Run
from page_tracker.backends.sqlite import merging
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.steps import R, Steps
from tests.contract_owner import (
    TODAY,
    all_counts,
    record_views,
    siblings,
    views_on,
)
from tests.proxy import Proxy
from tests.servers import RedisServer

Backend = RedisBackend | SqliteBackend


class Killed(BaseException):
    """Ends a merge at once, like the end of its process."""


def add_views(backend: Backend, page: Page) -> Page:
    """Record views of a site and of another one, and return a page of the latter."""
    old = Page(f"www.{page.site}", "/old")
    record_views(backend, page, 2)
    record_views(backend, old, 3)
    record_views(backend, Page(old.site, page.path), 3)
    for each in (page, Page(old.site, page.path)):
        backend.record(View(each, TODAY, referrer="a.example"))
    backend.record(View(old, TODAY, "reader"))
    backend.record(View(old, TODAY, ignored=Ignored.CRAWLER))
    return old


def is_merged(backend: Backend, page: Page, old: Page) -> bool:
    """Return whether the counts of add_views() are right after a merge."""
    merged = Page(page.site, old.path)
    tally = backend.tally(page, TODAY)
    return (
        all_counts(backend, page)
        == {
            *(Count(page, 7), Count(page, 7, TODAY)),
            *(Count(merged, 4), Count(merged, 4, TODAY)),
        }
        and all_counts(backend, old) == set()
        and (tally.site_views, tally.site_visitors_today) == (11, 1)
        and backend.ignored(page.site, [TODAY]) == {Ignored.CRAWLER: 1}
        and backend.referrers(page.site) == {"a.example": 2}
        and backend.referrers(page.site, [TODAY]) == {"a.example": 2}
        and old.site not in {total.site for total in backend.sites(TODAY)}
    )


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("to", [b"change:", b":merging", b":visitors:"])
def test_should_merge_sites_once_when_replies_are_lost(
    proxy: Proxy, own_redis: RedisServer, page: Page, times: int, to: bytes
) -> None:
    direct, backend = RedisBackend(own_redis.url), RedisBackend(proxy.url)
    old = add_views(direct, page)

    proxy.lose_replies(times, to=to, cut=True)
    backend.merge_sites(old.site, page.site, TODAY)

    assert proxy.waiting_faults == 0
    assert is_merged(direct, page, old)


def test_should_merge_pages_once_when_replies_are_lost(
    proxy: Proxy, own_redis: RedisServer, page: Page
) -> None:
    direct, backend = RedisBackend(own_redis.url), RedisBackend(proxy.url)
    index, home = siblings(page, "/index.html", "/")
    record_views(direct, index, 3)
    held = proxy.hold_back(1, to=b"change:")

    backend.merge_pages(page.site, {index.path: home.path}, TODAY)
    record_views(direct, index, 2)
    held.release()

    assert held.commands
    # The late copy of the command does not move later views.
    assert all_counts(direct, page) == {
        *(Count(home, 3), Count(home, 3, TODAY)),
        *(Count(index, 2), Count(index, 2, TODAY)),
    }


# The first steps take a slice, add it, and drop it; later ones copy what is left.
@pytest.mark.parametrize("step", [*range(10), 30, 33])
@pytest.mark.parametrize("is_sent", [False, True])
def test_should_go_on_with_a_merge_in_redis_that_was_killed(
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    is_sent: bool,
) -> None:
    backend = RedisBackend(own_redis.url)
    old = add_views(backend, page)
    do, steps = Run.do, iter(range(step))

    def do_or_die(run: Run, calls: Any) -> Any:
        results = None
        is_last = next(steps, None) is None
        if is_sent or not is_last:
            results = do(run, calls)
        if is_last:
            raise Killed
        return results

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "do", do_or_die)
        backend.merge_sites(old.site, page.site, TODAY)
    backend.merge_sites(old.site, page.site, TODAY)

    assert is_merged(backend, page, old)


def test_should_refuse_another_merge_of_a_site_until_the_killed_one_is_done(
    own_redis: RedisServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = RedisBackend(own_redis.url)
    old = add_views(backend, page)
    do = Run.do

    def do_and_die(run: Run, calls: Any) -> Any:
        do(run, calls)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "do", do_and_die)
        backend.merge_sites(old.site, page.site, TODAY)

    with pytest.raises(Exception, match=f"into {page.site} has not ended"):
        backend.merge_sites(old.site, f"other.{page.site}", TODAY)


def test_should_lose_nothing_when_a_sum_is_too_large_for_redis(
    own_redis: RedisServer, page: Page
) -> None:
    backend = RedisBackend(own_redis.url)
    old = add_views(backend, page)
    with redis.Redis.from_url(own_redis.url) as client:
        client.incrby(site_key(page.site), 2**63 - 5)

        with pytest.raises(BackendError):
            backend.merge_sites(old.site, page.site, TODAY)
        client.decrby(site_key(page.site), 2**63 - 5)
    backend.merge_sites(old.site, page.site, TODAY)

    assert is_merged(backend, page, old)


def test_should_add_views_in_redis_that_lua_cannot_add_exactly(
    own_redis: RedisServer, page: Page
) -> None:
    backend = RedisBackend(own_redis.url)
    old = add_views(backend, page)
    more = 2**53 + 1
    with redis.Redis.from_url(own_redis.url) as client:
        client.incrby(key_of(old.site, f"views:{TODAY}"), more)
        client.incrby(site_key(old.site), more)

    backend.merge_sites(old.site, page.site, TODAY)

    assert views_on(backend, page, TODAY) == [11 + more]
    assert backend.tally(page, TODAY).site_views == 11 + more


# Two steps move days, two move totals, two move referrers, and one moves the rest.
@pytest.mark.parametrize("step", range(7))
def test_should_go_on_with_a_merge_in_a_file_that_was_killed(
    tmp_path: Any, page: Page, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    backend = SqliteBackend(tmp_path / "counts.db")
    old = add_views(backend, page)
    taken = iter(range(step))

    class ShortSteps(Steps):
        """Steps of one row. After some of them, the process is killed."""

        _FEWEST_ROWS = _MOST_ROWS = 1

        def __init__(self, database: Database) -> None:
            super().__init__(database)
            self.rows = 1

        def take(self, change: Callable[[apsw.Connection], R]) -> R:
            result = super().take(change)
            if next(taken, None) is None:
                raise Killed
            return result

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(merging, "Steps", ShortSteps)
        backend.merge_sites(old.site, page.site, TODAY)
    assert (
        sum(
            backend.tally(Page(site, "/"), TODAY).site_views
            for site in (page.site, old.site)
        )
        == 11
    )
    backend.merge_sites(old.site, page.site, TODAY)

    assert is_merged(backend, page, old)
