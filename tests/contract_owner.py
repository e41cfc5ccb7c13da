"""Tests of what the owner can read and change, for every CounterBackend."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import pytest

from page_tracker import (
    Count,
    CounterBackend,
    DayTotal,
    Ignored,
    LimitReachedError,
    Limits,
    Page,
    PageViews,
    SiteImport,
    SiteTotal,
    Tally,
    View,
)

# The real date, because imported views expire by their date, like counted ones.
TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
LONG_AGO = TODAY - timedelta(days=399)


def record_views(
    backend: CounterBackend, page: Page, views: int, day: date = TODAY
) -> None:
    """Record this many views of a page."""
    for _ in range(views):
        backend.record(View(page, day))


def record_two_pages(backend: CounterBackend, page: Page) -> Page:
    """Record 2 views of a page yesterday and 3 today, and 1 today of another page.

    Return the other page.
    """
    other = Page(page.site, "/other")
    record_views(backend, page, 2, YESTERDAY)
    record_views(backend, page, 3)
    record_views(backend, other, 1)
    return other


def siblings(page: Page, *paths: str) -> list[Page]:
    """Return pages with these paths, on the same site."""
    return [Page(page.site, path) for path in paths]


def ranked(
    backend: CounterBackend, page: Page, **query: object
) -> list[tuple[str, int]]:
    """Return the paths and views of the pages of a site, the most viewed first."""
    ranking = backend.pages(page.site, **query)  # type: ignore[arg-type]
    return [(found.page.path, found.views) for found in ranking.pages]


def all_counts(backend: CounterBackend, page: Page) -> set[Count]:
    """Return all counts of the page's site."""
    counts = list(backend.counts(page.site, TODAY))
    assert len(counts) == len(set(counts))
    return set(counts)


def views_on(backend: CounterBackend, page: Page, *days: date) -> list[int]:
    """Return the views of the page's site on each of the days."""
    return [total.views for total in backend.history(page.site, days)]


def add_counts(
    backend: CounterBackend,
    counts: Iterable[Count],
    *,
    name: str = "it",
    replace: bool = False,
) -> bool:
    """Import counts under a name, and return whether any site has changed."""
    sites = site_imports(counts, name)
    return bool(backend.import_counts(sites, replace=replace, today=TODAY))


def site_imports(counts: Iterable[Count], name: str = "it") -> dict[str, SiteImport]:
    """Return the imports of counts by site, each in the order that it must have."""
    summed: Counter[tuple[str, date, str]] = Counter()
    for count in counts:
        summed[count.page.site, count.day or date.min, count.page.path] += count.views
    ordered = defaultdict[str, list[Count]](list)
    for (site, day, path), views in sorted(summed.items()):
        of_day = None if day == date.min else day
        ordered[site].append(Count(Page(site, path), views, of_day))
    daily = any(day != date.min for _, day, _ in summed)
    return {
        site: _site_import(name, of_site, daily) for site, of_site in ordered.items()
    }


def _site_import(name: str, counts: list[Count], daily: bool) -> SiteImport:
    days = [count.day for count in counts if count.day]
    return SiteImport(
        name,
        counts,
        pages=len(counts) - len(days),
        daily=daily,
        days=(days[0], days[-1]) if days else None,
    )


class OwnerContract:
    """A part of CounterBackendContract."""

    def test_should_list_sites_with_their_totals(
        self, backend: CounterBackend, page: Page
    ) -> None:
        first, second = siblings(page, "/one", "/two")
        record_views(backend, first, 3, YESTERDAY)
        record_views(backend, second, 1)
        backend.record(View(first, TODAY, "visitor"))

        totals = [total for total in backend.sites(TODAY) if total.site == page.site]

        assert totals == [SiteTotal(page.site, 5, 2, 2, 1)]

    def test_should_list_only_one_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 2)
        record_views(backend, Page(f"www.{page.site}", "/"), 1)

        (total,) = backend.sites(TODAY, page.site)

        assert (total.site, total.views) == (page.site, 2)
        assert not backend.sites(TODAY, f"unknown.{page.site}")

    def test_should_list_the_most_viewed_sites_first(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(f"www.{page.site}", "/")
        record_views(backend, page, 1)
        record_views(backend, other, 2)

        views = [total.views for total in backend.sites(TODAY)]

        assert views == sorted(views, reverse=True)
        names = [total.site for total in backend.sites(TODAY)]
        assert names.index(other.site) < names.index(page.site)

    def test_should_rank_the_pages_of_all_time(
        self, backend: CounterBackend, page: Page
    ) -> None:
        a, b, c = siblings(page, "/a", "/b", "/c")
        record_views(backend, a, 3, YESTERDAY)
        record_views(backend, b, 1)
        record_views(backend, c, 1)

        assert ranked(backend, page) == [("/a", 3), ("/c", 1), ("/b", 1)]
        assert not backend.pages(f"www.{page.site}").pages

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
    def test_should_paginate_the_ranking(
        self, backend: CounterBackend, page: Page, limit: int
    ) -> None:
        views = [5, 3, 3, 3, 2, 1, 1]
        pages = siblings(page, *(f"/{number}" for number in range(len(views))))
        add_counts(backend, [Count(*pair) for pair in zip(pages, views, strict=True)])
        whole = ranked(backend, page, limit=20)

        parts, after = list[tuple[str, int]](), None
        while True:
            ranking = backend.pages(page.site, limit=limit, after=after)
            parts += [(found.page.path, found.views) for found in ranking.pages]
            after = ranking.next
            if after is None:
                break
            assert len(ranking.pages) == limit

        assert parts == whole
        assert [n for _, n in whole] == views

    def test_should_continue_after_a_page_that_has_moved_or_been_deleted(
        self, backend: CounterBackend, page: Page
    ) -> None:
        pages = siblings(page, "/a", "/b", "/c", "/d", "/e")
        add_counts(backend, [Count(each, 2) for each in pages])
        ranking = backend.pages(page.site, limit=2)
        assert [found.page.path for found in ranking.pages] == ["/e", "/d"]

        record_views(backend, pages[3], 5)
        backend.delete_page(pages[4], TODAY)

        rest = ranked(backend, page, after=ranking.next)
        assert rest == [("/c", 2), ("/b", 2), ("/a", 2)]

    def test_should_find_pages_by_part_of_their_path(
        self, backend: CounterBackend, page: Page
    ) -> None:
        paths = ["/Blog/one", "/blog/two", "/about", "/100%25", "/a.b", "/a-b"]
        counts = [Count(p, 9 - n) for n, p in enumerate(siblings(page, *paths))]
        add_counts(backend, counts)

        def found(text: str) -> list[str]:
            return [path for path, _ in ranked(backend, page, search=text)]

        assert found("BLOG") == ["/Blog/one", "/blog/two"]
        assert found("%") == ["/100%25"]
        assert found("a.b") == ["/a.b"]
        assert found("a-b") == ["/a-b"]
        assert not found("[a-z]")
        one = backend.pages(page.site, search="blog", limit=1)
        assert one.next == PageViews(Page(page.site, "/Blog/one"), 9)
        rest = backend.pages(page.site, search="blog", limit=1, after=one.next)
        assert [each.page.path for each in rest.pages] == ["/blog/two"]
        assert rest.next is None

    def test_should_return_the_views_and_visitors_of_each_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 2, YESTERDAY)
        backend.record(View(page, TODAY, "one"))
        backend.record(View(page, TODAY, "two"))
        backend.record(View(page, TODAY, "two"))

        history = backend.history(page.site, [LONG_AGO, YESTERDAY, TODAY])

        assert history == [
            DayTotal(LONG_AGO, 0, 0),
            DayTotal(YESTERDAY, 2, 0),
            DayTotal(TODAY, 3, 2),
        ]
        assert not backend.history(page.site, [])

    def test_should_return_the_views_of_a_page_on_each_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = record_two_pages(backend, page)

        assert backend.page_history(page, [TODAY, LONG_AGO, YESTERDAY]) == [3, 0, 2]
        assert backend.page_history(other, [YESTERDAY, TODAY]) == [0, 1]
        assert backend.page_history(Page(page.site, "/none"), [TODAY]) == [0]
        assert backend.page_history(Page(f"x.{page.site}", "/"), [TODAY]) == [0]
        assert not backend.page_history(page, [])

    def test_should_sum_the_views_of_each_page_over_several_days(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = record_two_pages(backend, page)
        record_views(backend, other, 7, LONG_AGO)

        def summed(*days: date) -> dict[str, int]:
            return backend.page_views(page.site, days)

        assert summed(LONG_AGO, YESTERDAY, TODAY) == {"/": 5, "/other": 8}
        assert summed(TODAY, YESTERDAY) == {"/": 5, "/other": 1}
        assert summed(YESTERDAY) == {"/": 2}
        assert not summed(TODAY - timedelta(days=2))
        assert not summed()
        assert not backend.page_views(f"x.{page.site}", [TODAY])

    def test_should_sum_many_pages_and_large_numbers(
        self, backend: CounterBackend, page: Page
    ) -> None:
        paths = [f"/{number}" for number in range(3_000)]
        pages = siblings(page, *paths)
        for of_day, views, day in (
            (pages, 10**9, YESTERDAY),
            (pages[7:], 2, LONG_AGO),
        ):
            counts = [Count(each, views, on) for each in of_day for on in (None, day)]
            add_counts(backend, counts, name=str(day))
        record_views(backend, pages[0], 1)

        summed = backend.page_views(page.site, [LONG_AGO, YESTERDAY, TODAY])

        assert summed.pop("/0") == 10**9 + 1
        assert summed.pop("/6") == 10**9
        assert len(summed) == 2_998
        assert {summed[path] for path in paths[7:]} == {10**9 + 2}

    def test_should_sum_views_while_they_are_counted(
        self, backend: CounterBackend, page: Page
    ) -> None:
        pages = siblings(page, *(f"/{number}" for number in range(3_000)))
        add_counts(
            backend, [Count(each, 1, on) for each in pages for on in (None, TODAY)]
        )
        ended = Event()

        def count() -> None:
            while not ended.is_set():
                backend.record(View(pages[5], TODAY))

        counting = Thread(target=count)
        counting.start()
        before = backend.tally(pages[5], TODAY).page_views
        summed = backend.page_views(page.site, [TODAY])
        after = backend.tally(pages[5], TODAY).page_views
        ended.set()
        counting.join()

        assert before <= summed.pop("/5") <= after
        assert list(summed.values()) == [1] * 2_999

    def test_should_sum_ignored_views_over_several_days(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 1)
        for day in (YESTERDAY, TODAY):
            backend.record(View(page, day, None, Ignored.CRAWLER))
        backend.record(View(page, TODAY, None, Ignored.PREFETCH))

        ignored = backend.ignored(page.site, [YESTERDAY, TODAY])

        assert ignored == {Ignored.CRAWLER: 2, Ignored.PREFETCH: 1}
        assert not backend.ignored(page.site, [])

    def test_should_set_the_views_of_a_page(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other, new = siblings(page, "/other", "/new")
        record_views(backend, page, 3)
        record_views(backend, other, 1)

        assert backend.set_views(page, 10) == 3
        assert backend.set_views(new, 5) == 0
        assert backend.set_views(new, 0) == 5

        assert backend.tally(page, TODAY) == Tally(10, 11, 0)
        assert backend.record(View(page, TODAY)) == Tally(11, 12, 0)
        assert views_on(backend, page, TODAY) == [5]

    def test_should_not_set_views_beyond_a_limit(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        few = open_backend(Limits(sites=1_000_000, pages_per_site=1))
        few.set_views(page, 5)

        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_PAGES"):
            few.set_views(Page(page.site, "/new"), 1)
        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_SITES"):
            open_backend(Limits(sites=0)).set_views(Page(f"www.{page.site}", "/"), 1)

        assert few.set_views(page, 7) == 5
        assert few.tally(page, TODAY).site_views == 7

    def test_should_delete_a_page_from_every_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(page.site, "/other")
        for day in (LONG_AGO, YESTERDAY, TODAY):
            record_views(backend, page, 2, day)
            record_views(backend, other, 1, day)

        assert backend.delete_page(page, TODAY) == 6
        assert backend.delete_page(page, TODAY) == 0
        assert backend.delete_page(Page(f"www.{page.site}", "/"), TODAY) == 0

        assert backend.tally(page, TODAY) == Tally(0, 3, 0)
        assert views_on(backend, page, LONG_AGO, YESTERDAY, TODAY) == [1, 1, 1]
        assert backend.page_views(page.site, [LONG_AGO, TODAY]) == {"/other": 2}
        assert backend.record(View(page, TODAY)) == Tally(1, 4, 0)

    def test_should_delete_a_site_and_count_it_from_1_again(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(f"www.{page.site}", "/")
        for day in (LONG_AGO, TODAY):
            backend.record(View(page, day, "visitor"))
            backend.record(View(page, day, None, Ignored.CRAWLER))
        record_views(backend, other, 1)

        assert backend.delete_site(page.site, TODAY) == 2
        assert backend.delete_site(page.site, TODAY) == 0

        assert backend.tally(page, TODAY) == Tally(0, 0, 0)
        assert not all_counts(backend, page)
        assert not backend.ignored(page.site, [LONG_AGO, TODAY])
        assert page.site not in [total.site for total in backend.sites(TODAY)]
        assert backend.tally(other, TODAY).site_views == 1
        # The backend must not rely on what it remembers about the deleted site.
        assert backend.record(View(page, TODAY, "visitor")) == Tally(1, 1, 1)
        assert page.site in [total.site for total in backend.sites(TODAY)]
