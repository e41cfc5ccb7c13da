"""Tests of exports and imports, for every CounterBackend."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from page_tracker import (
    BackendError,
    Count,
    CounterBackend,
    Ignored,
    LimitReachedError,
    Limits,
    Page,
    SiteImport,
    Tally,
    View,
)
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    ranked,
    record_views,
    siblings,
    views_on,
)


def with_facts(
    page: Page,
    visitors: dict[date, int],
    crawlers: dict[date, int],
    *,
    first_day: date | None = None,
) -> dict[str, SiteImport]:
    """Return an import of one view, with visitors and ignored crawlers by day."""
    ignored = {(day, Ignored.CRAWLER): views for day, views in crawlers.items()}
    return {
        page.site: SiteImport(
            "facts",
            [Count(page, 1)],
            pages=1,
            daily=True,
            days=(min(visitors), max(visitors)),
            visitors=visitors,
            ignored=ignored,
            first_day=first_day,
        )
    }


def visitors_on(backend: CounterBackend, page: Page, *days: date) -> list[int]:
    """Return the visitors of the page's site on each of the days."""
    return [total.visitors for total in backend.history(page.site, days)]


class TransferContract:
    """A part of CounterBackendContract."""

    def test_should_show_the_old_counts_and_count_views_while_an_import_runs(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 2)
        seen = list[set[Count]]()

        class Watched(list[Count]):
            """Counts that are viewed when the first of them has been read."""

            def __iter__(self) -> Iterator[Count]:
                yield self[0]
                seen.append(all_counts(backend, page))
                if len(seen) == 1:
                    record_views(backend, page, 1)
                yield from self[1:]

        counts = Watched([Count(page, 5), Count(page, 4, YESTERDAY)])
        sites = {page.site: SiteImport("it", counts, pages=1, daily=True)}
        assert backend.import_counts(sites, replace=False, today=TODAY)

        assert seen[0] == {Count(page, 2), Count(page, 2, TODAY)}
        assert all_counts(backend, page) == {
            *(Count(page, 8), Count(page, 4, YESTERDAY), Count(page, 3, TODAY)),
        }
        assert backend.tally(page, TODAY) == Tally(8, 8, 0)

    def test_should_export_all_counts(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(page.site, "/other")
        record_views(backend, page, 2, LONG_AGO)
        record_views(backend, page, 1)
        record_views(backend, other, 1)

        assert all_counts(backend, page) == {
            Count(page, 3),
            Count(other, 1),
            Count(page, 2, LONG_AGO),
            Count(page, 1, TODAY),
            Count(other, 1, TODAY),
        }

    def test_should_import_its_own_export(
        self, backend: CounterBackend, page: Page
    ) -> None:
        for number, day in enumerate((LONG_AGO, YESTERDAY, TODAY)):
            for path in siblings(page, "/a", "/b", "/c")[number:]:
                record_views(backend, path, number + 1, day)
        before, history = all_counts(backend, page), backend.history(
            page.site, [LONG_AGO, YESTERDAY, TODAY]
        )
        backend.delete_site(page.site, TODAY)

        assert add_counts(backend, sorted(before, key=str))

        assert all_counts(backend, page) == before
        assert history == backend.history(page.site, [LONG_AGO, YESTERDAY, TODAY])
        assert backend.tally(page, TODAY).site_views == 10
        assert page.site in [total.site for total in backend.sites(TODAY)]

    def test_should_add_the_same_import_only_once(
        self, backend: CounterBackend, page: Page
    ) -> None:
        new = Page(page.site, "/new")
        record_views(backend, page, 3)
        counts = [Count(page, 4), Count(new, 1), Count(page, 2, YESTERDAY)]
        counts += [Count(page, 1), Count(page, 1, TODAY)]

        assert add_counts(backend, counts) is True
        assert add_counts(backend, counts) is False
        assert backend.tally(page, TODAY) == Tally(8, 9, 0)
        assert views_on(backend, page, YESTERDAY, TODAY) == [2, 4]
        assert add_counts(backend, counts, name="another") is True

        assert backend.tally(page, TODAY) == Tally(13, 15, 0)
        assert views_on(backend, page, YESTERDAY, TODAY) == [4, 5]
        assert backend.page_views(page.site, [TODAY]) == {page.path: 5}

    def test_should_replace_the_imported_pages_and_keep_the_others(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other, new = siblings(page, "/other", "/new")
        for day in (LONG_AGO, TODAY):
            record_views(backend, page, 2, day)
            record_views(backend, other, 1, day)
        counts = [Count(page, 7), Count(new, 1), Count(page, 6, YESTERDAY)]

        for _ in range(2):
            assert add_counts(backend, counts, replace=True) is True

            assert all_counts(backend, page) == {
                Count(page, 7),
                Count(new, 1),
                Count(other, 2),
                Count(other, 1, LONG_AGO),
                Count(page, 6, YESTERDAY),
                Count(other, 1, TODAY),
            }
            assert views_on(backend, page, LONG_AGO, YESTERDAY, TODAY) == [1, 6, 1]
            assert backend.tally(page, TODAY) == Tally(7, 10, 0)

    def test_should_keep_daily_views_if_the_import_has_none(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 2, YESTERDAY)

        add_counts(backend, [Count(page, 5)], replace=True)

        assert all_counts(backend, page) == {Count(page, 5), Count(page, 2, YESTERDAY)}
        assert views_on(backend, page, YESTERDAY) == [2]

    def test_should_replace_daily_views_if_the_import_has_any_of_another_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(f"www.{page.site}", "/")
        record_views(backend, page, 2, YESTERDAY)
        counts = [Count(page, 5), Count(other, 1), Count(other, 1, TODAY)]

        add_counts(backend, counts, replace=True)

        assert all_counts(backend, page) == {Count(page, 5)}
        assert views_on(backend, page, YESTERDAY) == [0]

    def test_should_import_visitors_and_ignored_views_of_days(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.record(View(page, TODAY, "visitor"))
        backend.record(View(page, TODAY, ignored=Ignored.CRAWLER))
        sites = with_facts(page, {YESTERDAY: 7, TODAY: 2}, {TODAY: 3, YESTERDAY: 4})

        assert backend.import_counts(sites, replace=False, today=TODAY) == {page.site}
        assert not backend.import_counts(sites, replace=False, today=TODAY)

        assert visitors_on(backend, page, YESTERDAY, TODAY) == [7, 3]
        assert backend.ignored(page.site, [TODAY]) == {Ignored.CRAWLER: 4}
        assert backend.ignored(page.site, [YESTERDAY]) == {Ignored.CRAWLER: 4}
        assert backend.tally(page, TODAY).site_visitors_today == 3
        (total,) = [each for each in backend.sites(TODAY) if each.site == page.site]
        assert total.visitors_today == 3

        assert backend.record(View(page, TODAY, "another")).site_visitors_today == 4

    def test_should_replace_visitors_and_ignored_views_of_days(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.record(View(page, TODAY, "visitor"))
        backend.record(View(page, TODAY, ignored=Ignored.CRAWLER))
        sites = with_facts(page, {YESTERDAY: 7, TODAY: 1}, {TODAY: 1})

        for _ in range(2):
            backend.import_counts(sites, replace=True, today=TODAY)

            assert visitors_on(backend, page, YESTERDAY, TODAY) == [7, 1]
            assert backend.ignored(page.site, [TODAY]) == {Ignored.CRAWLER: 1}

    def test_should_know_the_first_day_of_a_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert backend.first_day(page.site, TODAY) is None
        record_views(backend, page, 1)
        assert backend.first_day(page.site, TODAY) == TODAY
        first = date(2019, 5, 1)
        sites = with_facts(page, {YESTERDAY: 1}, {}, first_day=first)

        backend.import_counts(sites, replace=False, today=TODAY)

        assert backend.first_day(page.site, TODAY) == first
        backend.delete_site(page.site, TODAY)
        assert backend.first_day(page.site, TODAY) is None

    def test_should_list_the_imports_of_a_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert not backend.imports(page.site)

        add_counts(backend, [Count(page, 1)], name="totals")
        add_counts(
            backend,
            [Count(page, 2, YESTERDAY), Count(page, 1, LONG_AGO), Count(page, 3)],
            name="days",
        )

        assert backend.imports(page.site) == {
            "totals": None,
            "days": (LONG_AGO, YESTERDAY),
        }

    def test_should_add_an_import_only_once_if_it_runs_twice_at_a_time(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        # An import checks the limit of pages before it begins.
        backend = open_backend(Limits(sites=1_000_000, pages_per_site=1))
        record_views(backend, page, 1)

        class Counts:
            """Counts. Before they are used, another run of the import is complete."""

            def __iter__(self) -> Iterator[Count]:
                add_counts(backend, [Count(page, 5)])
                yield Count(page, 5)

        sites = {page.site: SiteImport("it", Counts(), pages=1)}
        with pytest.raises(BackendError, match="by another import"):
            backend.import_counts(sites, replace=False, today=TODAY)

        assert backend.tally(page, TODAY) == Tally(6, 6, 0)

    def test_should_add_nothing_if_the_import_breaks_off(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 1)

        def broken() -> Iterator[Count]:
            for number in range(6_000):
                yield Count(Page(page.site, f"/{number}"), 1)
            raise OSError("the file has changed")

        sites = {page.site: SiteImport("it", broken(), pages=6_000)}
        with pytest.raises(OSError):
            backend.import_counts(sites, replace=False, today=TODAY)

        assert all_counts(backend, page) == {Count(page, 1), Count(page, 1, TODAY)}
        assert add_counts(backend, [Count(page, 1)], name="it")

    def test_should_add_nothing_beyond_a_limit(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        few = open_backend(Limits(sites=1_000_000, pages_per_site=3))
        a, b, c, d = siblings(page, "/a", "/b", "/c", "/d")
        record_views(few, a, 1)
        other = Page(f"www.{page.site}", "/")

        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_PAGES"):
            add_counts(few, [Count(each, 1) for each in (other, a, b, c, d)])
        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_SITES"):
            add_counts(open_backend(Limits(sites=0)), [Count(other, 1)])
        assert all_counts(few, page) == {Count(a, 1), Count(a, 1, TODAY)}
        assert few.tally(other, TODAY) == Tally(0, 0, 0)

        assert add_counts(few, [Count(each, 1) for each in (a, b, c)])
        assert few.tally(a, TODAY) == Tally(2, 4, 0)

    def test_should_lose_no_view_during_imports_and_exports(
        self, backend: CounterBackend, page: Page
    ) -> None:
        pages = siblings(page, *(f"/{number}" for number in range(20)))

        def record(number: int) -> None:
            backend.record(View(pages[number % 20], TODAY))

        with ThreadPoolExecutor(8) as threads:
            views = [threads.submit(record, number) for number in range(600)]
            for number in range(5):
                add_counts(
                    backend, [Count(each, 10) for each in pages], name=str(number)
                )
            exported = sum(
                count.views
                for count in backend.counts(page.site, TODAY)
                if count.day is None
            )
            for view in views:
                view.result()

        assert 1000 <= exported <= 1600
        assert backend.tally(page, TODAY).site_views == 1600
        assert ranked(backend, page) == [
            (each.path, 80) for each in sorted(pages, key=str, reverse=True)
        ]

    @pytest.mark.parametrize("replace", [False, True])
    def test_should_keep_views_that_are_counted_during_an_import(
        self, backend: CounterBackend, page: Page, replace: bool
    ) -> None:
        known = siblings(page, *(f"/{number}" for number in range(10)))
        new = siblings(page, *(f"/new/{number}" for number in range(10)))
        for each in known:
            record_views(backend, each, 1)
        counts = [Count(each, 10) for each in known]
        counts += [Count(each, 4, day) for each in known for day in (YESTERDAY, TODAY)]

        with ThreadPoolExecutor(8) as threads:
            views = [
                threads.submit(backend.record, View((known + new)[number % 20], TODAY))
                for number in range(400)
            ]
            add_counts(backend, counts, replace=replace)
            for view in views:
                view.result()

        found = {
            (each.page, each.day): each.views for each in all_counts(backend, page)
        }
        assert all(found[each, None] == found[each, TODAY] == 20 for each in new)
        for each in known:
            assert found[each, YESTERDAY] == 4
            assert found[each, None] - found[each, TODAY] == 6
            # Replaced are the views until some moment during the import.
            assert 4 + (0 if replace else 21) <= found[each, TODAY] <= 25
        sums = Counter[date | None]()
        for (_, day), number in found.items():
            sums[day] += number
        assert backend.tally(page, TODAY).site_views == sums[None]
        assert views_on(backend, page, YESTERDAY, TODAY) == [40, sums[TODAY]]
