"""Tests of changes by the owner that are made once, for every CounterBackend."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from page_tracker import (
    Count,
    CounterBackend,
    LimitReachedError,
    Limits,
    Numbers,
    Page,
    Tally,
    TooFewViewsError,
    View,
)
from page_tracker.changes.making import views_of
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    all_counts,
    record_two_pages,
    record_views,
    views_on,
)

Change = Callable[[CounterBackend, Page, str], object]

CHANGES: dict[str, Change] = {
    "set": lambda backend, page, name: backend.set_views(page, 9, change=name),
    "add": lambda backend, page, name: backend.add_views(page, 4, change=name),
    "subtract": lambda backend, page, name: backend.add_views(
        page, -2, day=TODAY, change=name
    ),
    "delete page": lambda backend, page, name: backend.delete_page(
        page, TODAY, change=name
    ),
    "delete site": lambda backend, page, name: backend.delete_site(
        page.site, TODAY, change=name
    ),
}


class ChangesContract:
    """A part of CounterBackendContract."""

    def test_should_take_a_flood_out_of_a_day_and_of_the_totals(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = record_two_pages(backend, page)

        before = backend.add_views(page, -2, day=TODAY)

        assert before == Numbers(5, 6, 3, 4)
        assert backend.tally(page, TODAY) == Tally(3, 4, 0)
        assert all_counts(backend, page) == {
            *(Count(page, 3), Count(page, 2, YESTERDAY), Count(page, 1, TODAY)),
            *(Count(other, 1), Count(other, 1, TODAY)),
        }
        assert views_on(backend, page, YESTERDAY, TODAY) == [2, 2]

    def test_should_forget_the_day_of_a_page_whose_views_are_all_taken_out(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = record_two_pages(backend, page)

        backend.add_views(page, -3, day=TODAY)

        assert backend.page_views(page.site, [TODAY]) == {other.path: 1}
        assert views_on(backend, page, YESTERDAY, TODAY) == [2, 1]
        assert backend.record(View(page, TODAY)) == Tally(3, 4, 0)

    def test_should_add_views_to_totals_only_without_a_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_two_pages(backend, page)

        assert backend.add_views(page, 10) == Numbers(5, 6)
        assert backend.add_views(page, -4) == Numbers(15, 16)

        assert backend.tally(page, TODAY) == Tally(11, 12, 0)
        assert views_on(backend, page, YESTERDAY, TODAY) == [2, 4]

    def test_should_add_views_of_an_earlier_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_two_pages(backend, page)
        new = Page(page.site, "/new")

        assert backend.add_views(new, 7, day=LONG_AGO) == Numbers(0, 6, 0, 0)

        assert views_on(backend, page, LONG_AGO, TODAY) == [7, 4]
        assert backend.page_history(new, [LONG_AGO]) == [7]
        assert backend.first_day(page.site, TODAY) == LONG_AGO
        assert page.site in [total.site for total in backend.sites(TODAY)]

    def test_should_add_views_to_a_site_that_is_not_known(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert backend.add_views(page, 7, day=YESTERDAY) == Numbers(0, 0, 0, 0)

        assert backend.first_day(page.site, TODAY) == YESTERDAY
        assert page.site in [total.site for total in backend.sites(TODAY)]
        assert backend.record(View(page, TODAY)) == Tally(8, 8, 0)

    def test_should_not_take_out_more_views_than_there_are(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_two_pages(backend, page)
        before = all_counts(backend, page)

        with pytest.raises(TooFewViewsError, match="has 5 views; allowed: at most"):
            backend.add_views(page, -6)
        with pytest.raises(TooFewViewsError, match=f"has 3 views on {TODAY}; allowed"):
            backend.add_views(page, -4, day=TODAY)
        with pytest.raises(TooFewViewsError, match="has 0 views; allowed"):
            backend.add_views(Page(f"x.{page.site}", "/"), -1)

        assert all_counts(backend, page) == before
        assert backend.tally(page, TODAY) == Tally(5, 6, 0)
        assert not all_counts(backend, Page(f"x.{page.site}", "/"))

    def test_should_not_add_views_beyond_a_limit(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        few = open_backend(Limits(sites=1_000_000, pages_per_site=1))
        few.add_views(page, 5)

        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_PAGES"):
            few.add_views(Page(page.site, "/new"), 1)
        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_SITES"):
            open_backend(Limits(sites=0)).add_views(Page(f"www.{page.site}", "/"), 1)

        assert few.add_views(page, 1) == Numbers(5, 5)

    def test_should_add_large_numbers_exactly(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.add_views(page, 10**15, day=TODAY)
        backend.add_views(page, 1, day=TODAY)

        assert backend.tally(page, TODAY).page_views == 10**15 + 1
        assert backend.page_history(page, [TODAY]) == [10**15 + 1]

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_should_make_a_change_with_the_same_name_once(
        self, backend: CounterBackend, page: Page, change: Change
    ) -> None:
        record_two_pages(backend, page)
        name = uuid4().hex

        first = change(backend, page, name)
        record_views(backend, page, 3)
        left = all_counts(backend, page)
        again = change(backend, page, name)

        assert again == first
        assert all_counts(backend, page) == left
        assert change(backend, page, uuid4().hex) != first

    def test_should_still_know_a_site_whose_deletion_is_sent_again(
        self, backend: CounterBackend, page: Page
    ) -> None:
        name = uuid4().hex
        record_views(backend, page, 2)
        backend.delete_site(page.site, TODAY, change=name)
        record_views(backend, page, 3)

        assert backend.delete_site(page.site, TODAY, change=name) == 2

        assert page.site in [total.site for total in backend.sites(TODAY)]

    def test_should_make_a_change_once_that_is_sent_many_times_at_once(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 3)
        name = uuid4().hex

        with ThreadPoolExecutor(8) as executor:
            made = [
                executor.submit(backend.add_views, page, 5, day=TODAY, change=name)
                for _ in range(20)
            ]

        assert {each.result() for each in made} == {Numbers(3, 3, 3, 3)}
        assert backend.tally(page, TODAY) == Tally(8, 8, 0)

    def test_should_not_remember_a_change_that_was_refused(
        self, backend: CounterBackend, page: Page
    ) -> None:
        name = uuid4().hex
        with pytest.raises(TooFewViewsError):
            backend.add_views(page, -1, change=name)
        record_views(backend, page, 2)

        assert backend.add_views(page, -1, change=name) == Numbers(2, 2)

    def test_should_take_views_out_while_the_page_is_viewed(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 50)

        with ThreadPoolExecutor(4) as executor:
            views = [
                executor.submit(backend.record, View(page, TODAY)) for _ in range(60)
            ]
            for _ in range(10):
                backend.add_views(page, -5, day=TODAY)
            for view in views:
                view.result()

        assert backend.tally(page, TODAY) == Tally(60, 60, 0)
        assert views_on(backend, page, TODAY) == [60]
        assert all_counts(backend, page) == {Count(page, 60), Count(page, 60, TODAY)}

    def test_should_still_know_a_page_whose_views_were_all_taken_out(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_two_pages(backend, page)
        for path in ("/a", "/a.b", "/a0"):
            backend.set_views(Page(page.site, path), 0)

        known = Page(page.site, "/a.b")

        assert views_of(known, backend, TODAY) == 0
        assert views_of(Page(page.site, "/a."), backend, TODAY) is None
        assert views_of(Page(page.site, "/"), backend, TODAY) == 5
        backend.delete_page(known, TODAY)
        assert views_of(known, backend, TODAY) is None

    def test_should_keep_a_text_under_its_name(self, backend: CounterBackend) -> None:
        name = uuid4().hex

        assert backend.remember(name, "first, ü") == "first, ü"
        assert backend.remember(name, "second") == "first, ü"
        assert backend.remember(name, "third", instead_of="second") == "first, ü"
        for _ in range(2):
            third = backend.remember(name, "third", instead_of="first, ü")
            assert third == "third"
        assert backend.remember(name, "fourth") == "third"
        assert backend.remember(f"{name}2", "other") == "other"
