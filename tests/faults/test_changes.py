"""Each change by the owner is applied once, even if commands or replies are lost."""

from collections.abc import Iterator

import pytest

from page_tracker import Count, CounterBackend, Page, Tally
from page_tracker.backends.redis.backend import RedisBackend
from tests.contract_owner import TODAY, add_counts, all_counts, record_views
from tests.proxy import Proxy
from tests.servers import RedisServer

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(name="direct")
def fixture_direct(own_redis: RedisServer) -> RedisBackend:
    """A backend that is connected directly to Redis."""
    return RedisBackend(own_redis.url)


@pytest.fixture(name="backend")
def fixture_backend(proxy: Proxy) -> RedisBackend:
    """A backend behind the proxy."""
    return RedisBackend(proxy.url)


def pages(page: Page, number: int) -> list[Page]:
    """Return this many pages of a site."""
    return [Page(page.site, f"/{each}") for each in range(number)]


def test_should_set_views_once_and_keep_later_views(
    proxy: Proxy, backend: CounterBackend, direct: CounterBackend, page: Page
) -> None:
    record_views(direct, page, 1)
    held = proxy.hold_back(1, to=b"change:")

    # The backend sends the command again while the proxy holds the first copy.
    assert backend.set_views(page, 10) == 1
    record_views(direct, page, 2)
    held.release()

    assert held.commands
    assert direct.tally(page, TODAY) == Tally(12, 12, 0)


@pytest.mark.parametrize("times", [1, 3])
def test_should_apply_each_change_once_when_replies_are_lost(
    proxy: Proxy,
    backend: CounterBackend,
    direct: CounterBackend,
    page: Page,
    times: int,
) -> None:
    other = Page(page.site, "/other")
    record_views(direct, page, 3)
    record_views(direct, other, 2)

    proxy.lose_replies(times, to=b"change:", cut=True)
    assert backend.set_views(page, 7) == 3
    proxy.lose_replies(times, to=b"change:", cut=True)
    assert backend.delete_page(page, TODAY) == 7
    assert direct.tally(other, TODAY) == Tally(2, 2, 0)
    proxy.lose_replies(times, to=b"change:", cut=True)
    assert backend.delete_site(page.site, TODAY) == 2

    assert proxy.waiting_faults == 0
    assert direct.tally(other, TODAY) == Tally(0, 0, 0)


@pytest.mark.parametrize("replace", [False, True])
def test_should_add_counts_once_when_replies_are_lost(
    proxy: Proxy,
    backend: CounterBackend,
    direct: CounterBackend,
    page: Page,
    replace: bool,
) -> None:
    record_views(direct, page, 3)
    counts = [Count(each, 2) for each in [page, *pages(page, 12_000)]]
    # Faults for the parts that are uploaded first, and for the step that adds them.
    proxy.lose_replies(2, to=b"import:", cut=True)
    proxy.let_pass(1, to=b"import:")
    proxy.lose_replies(3, to=b"import:", cut=True)
    proxy.lose_replies(1, to=b":imports", cut=True)

    assert add_counts(backend, counts, replace=replace)

    assert proxy.waiting_faults == 0
    views = 2 if replace else 5
    assert direct.tally(page, TODAY) == Tally(views, views + 24_000, 0)
    # The imported counts, and today's views.
    assert len(all_counts(direct, page)) == 12_001 + 1


def test_should_export_each_count_once_when_replies_are_lost(
    proxy: Proxy, backend: CounterBackend, direct: CounterBackend, page: Page
) -> None:
    counts = {Count(each, 2) for each in pages(page, 3_000)}
    add_counts(direct, list(counts))
    for _ in range(3):
        proxy.lose_replies(1, to=b"export:", cut=True)
        proxy.let_pass(1, to=b"export:")

    assert all_counts(backend, page) == counts

    assert proxy.waiting_faults == 0


def test_should_add_all_or_nothing_when_redis_dies(
    own_redis: RedisServer, direct: CounterBackend, page: Page
) -> None:
    record_views(direct, page, 3)

    def dying() -> Iterator[Count]:
        for number, each in enumerate(pages(page, 12_000)):
            if number == 7_000:
                own_redis.kill()
                own_redis.start()
            if number == 11_000:
                own_redis.kill()
            yield Count(each, 1)

    def broken() -> Iterator[Count]:
        yield from dying()
        own_redis.start()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        direct.add_counts(broken(), name="it", replace=False, today=TODAY)
    assert direct.tally(page, TODAY) == Tally(3, 3, 0)

    # The same import again, now complete. Redis is back just before the last step.
    def complete() -> Iterator[Count]:
        yield from dying()
        own_redis.start()

    assert direct.add_counts(complete(), name="it", replace=False, today=TODAY)
    assert direct.tally(page, TODAY) == Tally(3, 12_003, 0)
    assert not direct.add_counts(complete(), name="it", replace=False, today=TODAY)
    assert direct.tally(page, TODAY) == Tally(3, 12_003, 0)


def test_should_add_only_the_rest_of_an_interrupted_import(
    direct: CounterBackend, page: Page
) -> None:
    other = Page(f"www.{page.site}", "/")
    counts = [Count(page, 1), Count(other, 1)]
    # In a Cluster, each site is added separately, so an import can end like this.
    add_counts(direct, counts[:1])

    assert add_counts(direct, counts)

    assert direct.tally(page, TODAY) == Tally(1, 1, 0)
    assert direct.tally(other, TODAY) == Tally(1, 1, 0)
    assert not add_counts(direct, counts)
