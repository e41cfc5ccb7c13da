"""Tests of merging pages and sites, for every CounterBackend."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from page_tracker import Count, CounterBackend, Ignored, Limits, Page, View
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    record_views,
    siblings,
    views_on,
)

VIEWS_MEANWHILE = 100


def site_beside(page: Page) -> str:
    """Return the name of another site, which no other test uses."""
    return f"www.{page.site}"


class MergingContract:
    """Tests of merges. The class that inherits them defines the fixtures."""

    def test_should_merge_pages_in_total_and_on_each_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        index, home, other = siblings(page, "/index.html", "/", "/other")
        record_views(backend, index, 3)
        record_views(backend, index, 2, YESTERDAY)
        record_views(backend, home, 4)
        record_views(backend, other, 1)

        backend.merge_pages(page.site, {"/index.html": "/"}, TODAY)

        assert all_counts(backend, page) == {
            *(Count(home, 9), Count(home, 7, TODAY), Count(home, 2, YESTERDAY)),
            *(Count(other, 1), Count(other, 1, TODAY)),
        }
        assert backend.tally(home, TODAY).site_views == 10
        assert views_on(backend, page, TODAY, YESTERDAY) == [8, 2]

    def test_should_merge_many_pages_into_new_ones_beyond_the_limit(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, pages_per_site=60))
        old = siblings(page, *(f"/{n}/" for n in range(60)))
        for each in old:
            record_views(backend, each, 1)

        into = {each.path: each.path.rstrip("/") for each in old}
        backend.merge_pages(page.site, into, TODAY)
        backend.merge_pages(page.site, into, TODAY)

        new = siblings(page, *into.values())
        assert all_counts(backend, page) == {
            Count(each, 1, day) for each in new for day in (None, TODAY)
        }
        # The number of pages is right, too.
        with pytest.raises(Exception, match="allows no more pages"):
            record_views(backend, old[0], 1)

    def test_should_refuse_to_merge_a_page_that_others_are_merged_into(
        self, backend: CounterBackend, page: Page
    ) -> None:
        with pytest.raises(ValueError, match="allowed: two different pages"):
            backend.merge_pages(page.site, {"/a": "/b", "/b": "/c"}, TODAY)

    def test_should_merge_sites_with_all_their_counts(
        self, backend: CounterBackend, page: Page
    ) -> None:
        old = Page(site_beside(page), page.path)
        alone = Page(old.site, "/alone")
        record_views(backend, page, 2)
        backend.record(View(page, TODAY, "reader"))
        for reader in ("reader", "another"):
            backend.record(View(old, TODAY, reader))
        record_views(backend, alone, 1, YESTERDAY)
        for each in (page, old):
            backend.record(View(each, TODAY, ignored=Ignored.CRAWLER))
        add_counts(backend, [Count(alone, 5), Count(alone, 5, LONG_AGO)], name="old")

        backend.merge_sites(old.site, page.site, TODAY)

        moved = replace(alone, site=page.site)
        assert all_counts(backend, page) == {
            *(Count(page, 5), Count(page, 5, TODAY), Count(moved, 6)),
            *(Count(moved, 1, YESTERDAY), Count(moved, 5, LONG_AGO)),
        }
        assert views_on(backend, page, TODAY, YESTERDAY, LONG_AGO) == [5, 1, 5]
        tally = backend.tally(page, TODAY)
        assert (tally.site_views, tally.site_visitors_today) == (11, 3)
        assert backend.ignored(page.site, [TODAY]) == {Ignored.CRAWLER: 2}
        assert backend.first_day(page.site, TODAY) == LONG_AGO
        assert "old" in backend.imports(page.site)

    def test_should_forget_a_merged_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        old = Page(site_beside(page), page.path)
        backend.record(View(old, TODAY, "reader"))
        backend.record(View(old, TODAY, ignored=Ignored.CRAWLER))

        backend.merge_sites(old.site, page.site, TODAY)
        backend.merge_sites(old.site, page.site, TODAY)

        names = [total.site for total in backend.sites(TODAY)]
        assert page.site in names and old.site not in names
        assert all_counts(backend, old) == set()
        assert backend.tally(old, TODAY).site_visitors_today == 0
        assert backend.ignored(old.site, [TODAY]) == {}
        assert backend.first_day(old.site, TODAY) is None
        assert backend.tally(page, TODAY).site_views == 1

    def test_should_neither_lose_nor_double_views_during_a_merge(
        self, backend: CounterBackend, page: Page
    ) -> None:
        old = siblings(Page(site_beside(page), "/"), *(f"/{n}" for n in range(30)))
        for each in old:
            record_views(backend, each, 1)

        with ThreadPoolExecutor() as pool:
            views = [
                pool.submit(record_views, backend, viewed, VIEWS_MEANWHILE)
                for viewed in (old[0], replace(old[0], site=page.site))
            ]
            backend.merge_sites(old[0].site, page.site, TODAY)
            for recorded in views:
                recorded.result()
        backend.merge_sites(old[0].site, page.site, TODAY)

        expected = {replace(each, site=page.site): 1 for each in old}
        expected[replace(old[0], site=page.site)] += 2 * VIEWS_MEANWHILE
        assert all_counts(backend, page) == {
            Count(each, views, day)
            for each, views in expected.items()
            for day in (None, TODAY)
        }
        assert views_on(backend, page, TODAY) == [30 + 2 * VIEWS_MEANWHILE]
        assert backend.tally(page, TODAY).site_views == 30 + 2 * VIEWS_MEANWHILE

    def test_should_end_while_views_of_the_merged_site_go_on(
        self, backend: CounterBackend, page: Page
    ) -> None:
        old = siblings(Page(site_beside(page), "/"), *(f"/{n}" for n in range(20)))
        has_ended = Event()

        def view_until_it_has_ended() -> int:
            views = 0
            while not has_ended.is_set():
                record_views(backend, old[views % len(old)], 1)
                views += 1
            return views

        record_views(backend, old[0], 1)
        with ThreadPoolExecutor() as pool:
            viewers = [pool.submit(view_until_it_has_ended) for _ in range(4)]
            try:
                backend.merge_sites(old[0].site, page.site, TODAY)
            finally:
                has_ended.set()
            views = 1 + sum(viewer.result() for viewer in viewers)

        # What was counted later is still there, and a later merge finds it.
        names = {total.site for total in backend.sites(TODAY)}
        later = backend.tally(old[0], TODAY).site_views
        assert (old[0].site in names) == bool(later)
        backend.merge_sites(old[0].site, page.site, TODAY)
        assert backend.tally(page, TODAY).site_views == views
        assert views_on(backend, page, TODAY) == [views]

    def test_should_not_merge_a_site_into_itself(
        self, backend: CounterBackend, page: Page
    ) -> None:
        with pytest.raises(ValueError, match="two different sites"):
            backend.merge_sites(page.site, page.site, TODAY)
