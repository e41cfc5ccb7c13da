"""Each change by the owner is applied once, even if commands or replies are lost."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from redis import Redis

from page_tracker import (
    BackendError,
    Count,
    CounterBackend,
    Numbers,
    Page,
    SiteImport,
    Tally,
)
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.keys import key_of, site_key
from tests.contract_owner import (
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    record_views,
    views_on,
)
from tests.proxy import Proxy
from tests.servers import RedisServer, wait_until


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
    assert backend.add_views(page, -1, day=TODAY) == Numbers(7, 9, 3, 5)
    proxy.lose_replies(times, to=b"change:", cut=True)
    assert backend.delete_page(page, TODAY) == 6
    assert direct.tally(other, TODAY) == Tally(2, 2, 0)
    proxy.lose_replies(times, to=b"change:", cut=True)
    assert backend.delete_site(page.site, TODAY) == 2

    assert proxy.waiting_faults == 0
    assert direct.tally(other, TODAY) == Tally(0, 0, 0)


def test_should_import_once_when_replies_are_lost(
    proxy: Proxy,
    backend: CounterBackend,
    direct: CounterBackend,
    own_redis: RedisServer,
    page: Page,
) -> None:
    many = pages(page, 3_000)
    for name, replace, views, today in (("a", False, 5, 4), ("b", True, 2, 1)):
        direct.delete_site(page.site, TODAY)
        record_views(direct, page, 3)
        counts = [Count(each, 2) for each in [page, *many]] + [Count(page, 1, TODAY)]
        # The replies to several steps are lost twice, and so is that to the last one.
        for _ in range(4):
            proxy.lose_replies(2, to=b":import", cut=True)
            proxy.let_pass(1, to=b":import")
        proxy.lose_replies(2, to=b":first_day", cut=True)

        assert add_counts(backend, counts, name=name, replace=replace)

        assert proxy.waiting_faults == 0
        assert direct.tally(page, TODAY) == Tally(views, views + 6_000, 0)
        assert all_counts(direct, page) == {
            Count(page, views),
            Count(page, today, TODAY),
            *(Count(each, 2) for each in many),
        }
        assert not staged_keys(own_redis)


@pytest.mark.parametrize("replace", [False, True])
def test_should_import_exactly_after_being_killed_at_any_step(
    proxy: Proxy,
    direct: CounterBackend,
    own_redis: RedisServer,
    page: Page,
    replace: bool,
) -> None:
    for step in range(50):
        here = Page(f"{step}.{page.site}", "/here")
        counts = [Count(here, 7), Count(Page(here.site, "/new"), 1)]
        counts += [Count(here, 4, YESTERDAY), Count(here, 3, TODAY)]
        before, after = counts_of_killed_import(direct, here, counts, replace)

        if not is_killed_at(proxy, step, counts, replace):
            # Among the steps are: begin, stage, carry over, and switch.
            assert step >= 6
            return
        left = all_counts(direct, here)

        assert left in (before, after)
        changes = replace or left == before
        assert add_counts(direct, counts, replace=replace) is changes
        assert all_counts(direct, here) == after
        assert_sums(direct, here, after)
        assert not staged_keys(own_redis)
    pytest.fail("the import does not end")


def counts_of_killed_import(
    backend: CounterBackend, here: Page, counts: list[Count], replace: bool
) -> tuple[set[Count], set[Count]]:
    """Record views, and return all counts before and after an import of counts."""
    other = Page(here.site, "/other")
    record_views(backend, here, 2)
    record_views(backend, other, 4)
    before = all_counts(backend, here)
    views = Counter({(each.page, each.day): each.views for each in before})
    if replace:
        del views[here, None], views[here, TODAY]
    views.update({(each.page, each.day): each.views for each in counts})
    return before, {Count(key[0], number, key[1]) for key, number in views.items()}


def assert_sums(backend: CounterBackend, page: Page, counts: set[Count]) -> None:
    """Assert that the numbers of a site are the sums of its counts."""
    sums = Counter[date | None]()
    for each in counts:
        sums[each.day] += each.views
    assert backend.tally(page, TODAY).site_views == sums[None]
    assert views_on(backend, page, YESTERDAY, TODAY) == [sums[YESTERDAY], sums[TODAY]]


def is_killed_at(proxy: Proxy, step: int, counts: list[Count], replace: bool) -> bool:
    """Import in a process that is killed at a step; False if the import has fewer."""
    process = multiprocessing.get_context("fork").Process(
        target=lambda: add_counts(RedisBackend(proxy.url), counts, replace=replace)
    )
    site = counts[0].page.site.encode()
    proxy.let_pass(step, to=site)
    proxy.call_instead(process.kill, to=site)
    process.start()
    process.join(30)
    return process.exitcode != 0


def test_should_leave_nothing_behind_when_an_import_breaks_off(
    direct: RedisBackend, own_redis: RedisServer, page: Page
) -> None:
    record_views(direct, page, 3)

    def broken() -> Iterator[Count]:
        yield from (Count(each, 1) for each in pages(page, 3_000))
        record_views(direct, page, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_one(direct, page, broken())

    assert not staged_keys(own_redis)
    assert all_counts(direct, page) == {Count(page, 4), Count(page, 4, TODAY)}


@pytest.mark.parametrize(
    "change",
    [
        lambda backend, page: backend.set_views(page, 1),
        lambda backend, page: backend.add_views(page, 1),
        lambda backend, page: backend.delete_page(page, TODAY),
        lambda backend, page: backend.delete_site(page.site, TODAY),
        lambda backend, page: add_counts(backend, [Count(page, 1)], name="another"),
    ],
)
def test_should_end_an_import_when_the_owner_changes_the_site(
    direct: RedisBackend,
    own_redis: RedisServer,
    page: Page,
    change: Callable[[CounterBackend, Page], object],
) -> None:
    record_views(direct, page, 3)
    left = set[Count]()

    def interrupted() -> Iterator[Count]:
        yield from (Count(each, 1) for each in pages(page, 3_000))
        change(direct, page)
        left.update(all_counts(direct, page))
        yield Count(page, 1, TODAY)

    with pytest.raises(BackendError, match="was ended by .* import it again"):
        import_one(direct, page, interrupted())

    assert not staged_keys(own_redis)
    assert all_counts(direct, page) == left


def test_should_refuse_to_overwrite_what_an_older_version_counts(
    direct: RedisBackend, own_redis: RedisServer, page: Page
) -> None:
    record_views(direct, page, 3)

    def count_in_the_old_way() -> Iterator[Count]:
        yield Count(page, 1)
        with Redis.from_url(own_redis.url) as client:
            client.incrby(site_key(page.site), 1)
            client.zincrby(key_of(page.site, "pages"), 1, page.path)

    with pytest.raises(BackendError, match="older version .* run the import again"):
        import_one(direct, page, count_in_the_old_way())

    assert not staged_keys(own_redis)
    assert direct.tally(page, TODAY) == Tally(4, 4, 0)
    assert add_counts(direct, [Count(page, 1)])


def import_one(backend: CounterBackend, page: Page, counts: Iterator[Count]) -> None:
    """Import counts of a page's site, which can be read only once."""
    sites = {page.site: SiteImport("once", counts, pages=3_000)}
    backend.import_counts(sites, replace=False, today=TODAY)


def staged_keys(server: RedisServer) -> list[bytes]:
    """Return the keys of imports that have not ended."""
    with Redis.from_url(server.url) as client:
        return [*client.keys("*:import"), *client.keys("*:import:*")]


def test_should_import_all_or_nothing_when_redis_dies(
    own_redis: RedisServer, direct: RedisBackend, page: Page
) -> None:
    record_views(direct, page, 3)

    def dying() -> Iterator[Count]:
        for number, each in enumerate(pages(page, 12_000)):
            if number == 7_000:
                own_redis.kill()
                own_redis.start()
            yield Count(each, 1)

    def broken() -> Iterator[Count]:
        yield from dying()
        own_redis.kill()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_one(direct, page, broken())
    own_redis.start()
    wait_until(
        lambda: is_answered(lambda: direct.tally(page, TODAY)), "Redis to answer"
    )
    assert all_counts(direct, page) == {Count(page, 3), Count(page, 3, TODAY)}

    import_one(direct, page, dying())

    assert direct.tally(page, TODAY) == Tally(3, 12_003, 0)
    assert not staged_keys(own_redis)


def is_answered(request: Callable[[], object]) -> bool:
    """Return whether a backend answers a request."""
    try:
        request()
    except BackendError:
        return False
    return True


def test_should_add_the_sites_that_are_missing_when_an_import_is_repeated(
    proxy: Proxy,
    backend: CounterBackend,
    own_redis: RedisServer,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As if the sites had many days: the first one is changed before the second one.
    monkeypatch.setattr("page_tracker.backends.redis.importing._DAYS_PER_SWITCH", 0)
    direct = RedisBackend(own_redis.url)
    first, second = (Page(f"{name}.{page.site}", "/") for name in "ab")
    counts = [Count(each, 1, day) for each in (first, second) for day in (None, TODAY)]
    proxy.call_instead(lambda: change_views(direct, second), to=b":first_day")

    with pytest.raises(BackendError, match=f"import of {second.site} was ended"):
        add_counts(backend, counts)
    assert direct.tally(first, TODAY).site_views == 1
    assert not staged_keys(own_redis)

    assert add_counts(backend, counts)
    assert direct.tally(first, TODAY).site_views == 1
    assert direct.tally(second, TODAY).site_views == 8


def change_views(backend: CounterBackend, page: Page) -> None:
    """Change the views of a page as its owner does."""
    backend.set_views(page, 7)


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
