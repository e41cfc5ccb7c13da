"""Exports from Redis are snapshots, even while counts change and replies are lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from redis import Redis

from page_tracker import BackendError, Count, CounterBackend, Page, SiteImport
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.keys import key_of, site_key
from tests.contract_owner import TODAY, add_counts, all_counts, record_views, siblings
from tests.proxy import Proxy
from tests.servers import RedisServer, wait_until

PAGES = 3_000


@pytest.fixture(name="in_steps", params=["at once", "in steps"])
def fixture_in_steps(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Whether Redis copies the pages in steps, as it does with many."""
    in_steps: bool = request.param == "in steps"
    if in_steps:
        monkeypatch.setattr("page_tracker.backends.redis.copying._MOST_AT_ONCE", 10)
    return in_steps


@pytest.fixture(name="direct")
def fixture_direct(own_redis: RedisServer) -> RedisBackend:
    """A backend that is connected directly to Redis."""
    return RedisBackend(own_redis.url)


@pytest.fixture(name="counts")
def fixture_counts(direct: RedisBackend, page: Page) -> set[Count]:
    """Counts of many pages, which Redis has."""
    counts = {Count(Page(page.site, f"/{number}"), 2) for number in range(PAGES)}
    add_counts(direct, counts)
    return counts


def temporary_keys(server: RedisServer) -> list[bytes]:
    """Return the keys of exports and imports that have not ended."""
    with Redis.from_url(server.url) as client:
        return [*client.keys("*:export:*"), *client.keys("*:import")] + [
            *client.keys("*:import:*")
        ]


@pytest.mark.usefixtures("in_steps")
def test_should_export_each_count_once_when_replies_are_lost(
    proxy: Proxy, own_redis: RedisServer, counts: set[Count], page: Page
) -> None:
    for _ in range(3):
        proxy.lose_replies(1, to=b"port", cut=True)
        proxy.let_pass(1, to=b"port")
    # The replies to the first part that is read, or to the last step of the copy.
    proxy.lose_replies(2, to=b":export:", cut=True)

    assert all_counts(RedisBackend(proxy.url), page) == counts

    assert proxy.waiting_faults == 0
    assert not temporary_keys(own_redis)


@pytest.mark.usefixtures("in_steps", "counts")
def test_should_leave_nothing_behind_when_an_export_stops_early(
    direct: CounterBackend, own_redis: RedisServer, page: Page
) -> None:
    counts = direct.counts(page.site, TODAY)
    assert next(counts).views == 2

    del counts

    assert not temporary_keys(own_redis)


@pytest.mark.usefixtures("in_steps", "counts")
def test_should_export_a_moment_while_views_are_counted(
    direct: CounterBackend, own_redis: RedisServer, page: Page
) -> None:
    stop = Event()
    pairs = [siblings(page, f"/a{number}", f"/b{number}") for number in range(50)]

    def record() -> None:
        while not stop.is_set():
            # At each moment, the first of a pair has as many views as the second, or
            # one more.
            for pair in pairs:
                for each in pair:
                    record_views(direct, each, 1)

    with ThreadPoolExecutor(1) as threads:
        recording = threads.submit(record)
        try:
            for _ in range(5):
                views = {
                    (each.page.path, each.day): each.views
                    for each in direct.counts(page.site, TODAY)
                }
                for day in (None, TODAY):
                    more = [
                        views.get((a.path, day), 0) - views.get((b.path, day), 0)
                        for a, b in pairs
                    ]
                    assert set(more) <= {0, 1}
                    assert sum(more) <= 1
        finally:
            stop.set()
        recording.result()

    assert not temporary_keys(own_redis)


@pytest.mark.usefixtures("in_steps", "counts")
def test_should_export_the_old_or_the_new_counts_during_an_import(
    direct: CounterBackend, own_redis: RedisServer, page: Page
) -> None:
    staged, go_on = Event(), Event()

    def waiting() -> Iterator[Count]:
        yield from (Count(Page(page.site, f"/{number}"), 1) for number in range(PAGES))
        staged.set()
        assert go_on.wait(30)

    sites = {page.site: SiteImport("more", waiting(), pages=PAGES)}
    with ThreadPoolExecutor(2) as threads:
        importing = threads.submit(
            direct.import_counts, sites, replace=False, today=TODAY
        )
        assert staged.wait(30)
        exporting = threads.submit(all_counts, direct, page)
        with Redis.from_url(own_redis.url) as client:
            wait_until(
                lambda: exporting.done() or has_tried_to_copy(client), "the export"
            )
        go_on.set()
        assert importing.result() == {page.site}
        exported = {count.views for count in exporting.result()}

    assert exported in ({2}, {3})
    assert {count.views for count in all_counts(direct, page)} == {3}
    assert not temporary_keys(own_redis)


def change(backend: CounterBackend, page: Page) -> None:
    """Change the counts of a page as its owner does."""
    backend.set_views(page, 7)


def has_tried_to_copy(client: Redis) -> bool:
    """Return whether a script has asked how long an import has been idle."""
    return "cmdstat_ttl" in client.info("commandstats")


@pytest.mark.usefixtures("counts")
@pytest.mark.parametrize("in_steps", ["in steps"], indirect=True)
def test_should_start_again_when_the_owner_changes_what_is_copied(
    direct: RedisBackend,
    proxy: Proxy,
    page: Page,
    in_steps: bool,
) -> None:
    assert in_steps
    changed = Page(page.site, "/0")
    # The import of nothing stages its pages. Then the owner changes one of them.
    proxy.let_pass(2, to=b":import")
    proxy.call_instead(lambda: change(direct, changed), to=b":import")

    exported = all_counts(RedisBackend(proxy.url), page)

    assert Count(changed, 7) in exported
    assert len(exported) == PAGES


@pytest.mark.usefixtures("counts")
@pytest.mark.parametrize("in_steps", ["in steps"], indirect=True)
def test_should_refuse_to_copy_what_an_older_version_counts(
    own_redis: RedisServer, proxy: Proxy, page: Page, in_steps: bool
) -> None:
    assert in_steps

    def count_in_the_old_way() -> None:
        with Redis.from_url(own_redis.url) as client:
            client.incrby(site_key(page.site), 1)
            client.zincrby(key_of(page.site, "pages"), 1, "/0")

    proxy.let_pass(2, to=b":import")
    proxy.call_instead(count_in_the_old_way, to=b":import")

    with pytest.raises(BackendError, match="older version .* export them again"):
        all_counts(RedisBackend(proxy.url), page)

    assert not temporary_keys(own_redis)
