"""Tests of the referrers of a site, for every CounterBackend."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from page_tracker import Count, CounterBackend, Ignored, Limits, Page, SiteImport, View
from page_tracker.counting.referrers import OTHERS
from tests.contract_owner import LONG_AGO, TODAY, YESTERDAY, add_counts

UNUSUAL_NAMES = ["[2001:db8::1]", "xn--bcher-kva.example", "a_b.example:8080", "42"]


def view_from(page: Page, referrer: str | None, visitor: str | None = None) -> View:
    """Return a view of today that a referrer brought."""
    return View(page, TODAY, visitor, referrer=referrer)


def record_referred(backend: CounterBackend, page: Page, **views: int) -> None:
    """Record this many views of today from each referrer."""
    for referrer, number in views.items():
        for _ in range(number):
            backend.record(view_from(page, f"{referrer}.example"))


class ReferrersContract:
    """A part of CounterBackendContract."""

    def test_should_count_referrers_of_each_day_and_of_all_time(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(page.site, "/other")
        for view in (
            View(page, LONG_AGO, referrer="a.example"),
            View(page, YESTERDAY, referrer="a.example"),
            View(other, YESTERDAY, referrer="b.example"),
            View(other, TODAY, referrer="b.example"),
            View(page, TODAY, referrer="b.example"),
            View(page, TODAY),
        ):
            backend.record(view)

        site = page.site
        assert backend.referrers(site) == {"a.example": 2, "b.example": 3}
        assert backend.referrers(site, [TODAY]) == {"b.example": 2}
        assert backend.referrers(site, [LONG_AGO, YESTERDAY]) == {
            "a.example": 2,
            "b.example": 1,
        }
        assert not backend.referrers(site, [])
        assert not backend.referrers(f"www.{site}")
        assert not backend.referrers(f"www.{site}", [TODAY])

    def test_should_keep_unusual_names_of_referrers_apart(
        self, backend: CounterBackend, page: Page
    ) -> None:
        for number, name in enumerate(UNUSUAL_NAMES, 1):
            for _ in range(number):
                backend.record(view_from(page, name))

        views = {name: number for number, name in enumerate(UNUSUAL_NAMES, 1)}
        assert backend.referrers(page.site) == views
        assert backend.referrers(page.site, [TODAY]) == views

    def test_should_count_no_referrer_of_a_view_that_is_not_counted(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(
            Limits(sites=1_000_000, pages_per_site=1, repeats_s=3600)
        )
        backend.record(View(page, TODAY, "reader", referrer="first.example"))

        backend.record(View(page, TODAY, "reader", referrer="repeat.example"))
        backend.record(
            View(page, TODAY, None, Ignored.CRAWLER, referrer="spam.example")
        )
        with pytest.raises(Exception, match="PAGE_TRACKER_MAX_PAGES"):
            new = Page(page.site, "/new")
            backend.record(View(new, TODAY, "other", referrer="refused.example"))

        for days in (None, [TODAY]):
            assert backend.referrers(page.site, days) == {"first.example": 1}

    def test_should_count_the_referrer_of_each_view_that_counts_in_a_batch(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, repeats_s=3600))
        views = [
            view_from(
                Page(page.site, f"/{number % 3}"),
                f"{number % 7}.example" if number % 5 else None,
                f"visitor {number % 40}" if number % 4 else None,
            )
            for number in range(600)
        ]

        with ThreadPoolExecutor(50) as threads:
            tallies = list(threads.map(backend.record, views))

        expected = Counter(
            view.referrer
            for view, tally in zip(views, tallies, strict=True)
            if tally.ignored is None and view.referrer
        )
        assert sum(tally.ignored is None for tally in tallies) < len(views)
        assert backend.referrers(page.site) == expected
        assert backend.referrers(page.site, [TODAY]) == expected

    def test_should_count_referrers_beyond_the_limit_together(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=2))
        record_referred(backend, page, a=1, b=1)

        record_referred(backend, page, c=2, d=1, a=3)
        backend.record(View(page, YESTERDAY, referrer="c.example"))

        assert backend.referrers(page.site) == {
            **{"a.example": 4, "b.example": 1},
            OTHERS: 4,
        }
        assert backend.referrers(page.site, [TODAY])[OTHERS] == 3
        assert backend.referrers(page.site, [YESTERDAY]) == {OTHERS: 1}
        assert backend.tally(page, TODAY).page_views == 9

    def test_should_respect_the_limit_of_referrers_within_a_batch(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=5))
        views = [view_from(page, f"{number % 20}.example") for number in range(400)]

        with ThreadPoolExecutor(50) as threads:
            list(threads.map(backend.record, views))

        found = backend.referrers(page.site)
        assert sorted(found.values()) == [20] * 5 + [300]
        assert found[OTHERS] == 300
        assert backend.referrers(page.site, [TODAY]) == found

    def test_should_read_more_referrers_than_fit_into_one_step(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=10_000))
        views = {f"{number}.example": 1 for number in range(5_000)}
        days = YESTERDAY, TODAY

        with ThreadPoolExecutor(50) as threads:
            for day in days:
                referred = [View(page, day, referrer=name) for name in views]
                list(threads.map(backend.record, referred))

        assert backend.referrers(page.site, [TODAY]) == views
        assert backend.referrers(page.site, days) == dict.fromkeys(views, 2)
        assert backend.referrers(page.site) == dict.fromkeys(views, 2)

    def test_should_delete_the_referrers_of_a_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        for day in (LONG_AGO, TODAY):
            backend.record(View(page, day, referrer="a.example"))

        backend.delete_site(page.site, TODAY)
        backend.record(View(page, TODAY))

        assert not backend.referrers(page.site)
        assert not backend.referrers(page.site, [LONG_AGO, TODAY])

    def test_should_keep_the_referrers_of_a_deleted_page(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_referred(backend, page, a=2)

        backend.delete_page(page, TODAY)

        assert backend.referrers(page.site) == {"a.example": 2}

    def test_should_merge_the_referrers_of_sites(
        self, backend: CounterBackend, page: Page
    ) -> None:
        old = Page(f"www.{page.site}", page.path)
        record_referred(backend, page, a=1, b=2)
        record_referred(backend, old, b=3, c=4)
        backend.record(View(old, LONG_AGO, referrer="a.example"))

        backend.merge_sites(old.site, page.site, TODAY)

        b_and_c = {"b.example": 5, "c.example": 4}
        assert backend.referrers(page.site) == {"a.example": 2, **b_and_c}
        assert backend.referrers(page.site, [TODAY]) == {"a.example": 1, **b_and_c}
        assert backend.referrers(page.site, [LONG_AGO]) == {"a.example": 1}
        assert not backend.referrers(old.site)
        assert not backend.referrers(old.site, [LONG_AGO, TODAY])

    def test_should_merge_more_referrers_than_fit_into_one_step(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=10_000))
        old = Page(f"www.{page.site}", page.path)
        views = {f"{number}.example": 1 for number in range(3_000)}
        with ThreadPoolExecutor(50) as threads:
            for each in (page, old):
                referred = [view_from(each, name) for name in views]
                list(threads.map(backend.record, referred))

            meanwhile = [
                threads.submit(backend.record, view_from(each, "new.example"))
                for each in (page, old) * 50
            ]
            backend.merge_sites(old.site, page.site, TODAY)
            for view in meanwhile:
                view.result()
        backend.merge_sites(old.site, page.site, TODAY)

        merged = dict.fromkeys(views, 2) | {"new.example": 100}
        assert backend.referrers(page.site) == merged
        assert backend.referrers(page.site, [TODAY]) == merged

    @pytest.mark.parametrize("replace", [False, True])
    def test_should_keep_referrers_during_an_import_without_any(
        self, backend: CounterBackend, page: Page, replace: bool
    ) -> None:
        backend.record(View(page, YESTERDAY, referrer="a.example"))

        class Watched(list[Count]):
            """Counts. While they are read, further views come."""

            def __iter__(self) -> Iterator[Count]:
                record_referred(backend, page, a=1)
                yield from super().__iter__()
                record_referred(backend, page, b=1)

        counts = Watched([Count(page, 5), Count(page, 4, YESTERDAY)])
        sites = {page.site: SiteImport("it", counts, pages=1, daily=True)}
        backend.import_counts(sites, replace=replace, today=TODAY)

        found, of_today = backend.referrers(page.site), backend.referrers(
            page.site, [TODAY]
        )
        assert backend.referrers(page.site, [YESTERDAY]) == {"a.example": 1}
        assert found == of_today | {"a.example": of_today["a.example"] + 1}
        assert of_today["a.example"] >= 1 and of_today["b.example"] >= 1

    def test_should_keep_referrers_that_come_while_an_import_runs(
        self, backend: CounterBackend, page: Page
    ) -> None:
        views = [view_from(page, f"{number % 5}.example") for number in range(300)]

        with ThreadPoolExecutor(8) as threads:
            pending = [threads.submit(backend.record, view) for view in views]
            for number in range(3):
                add_counts(backend, [Count(page, 10)], name=str(number))
            for each in pending:
                each.result()

        expected = {f"{number}.example": 60 for number in range(5)}
        assert backend.referrers(page.site) == expected
        assert backend.referrers(page.site, [TODAY]) == expected
