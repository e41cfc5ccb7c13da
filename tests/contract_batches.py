"""Tests of batches of views and of several tallies, for every CounterBackend."""

from collections.abc import Callable
from datetime import date

import pytest

from page_tracker import CounterBackend, LimitReachedError, Limits, Page, Tally, View
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    record_two_pages,
    record_views,
    views_on,
)


def of_two_sites(page: Page) -> list[View]:
    """Return 3 views of a page on two days, and 2 of a page of another site."""
    other = Page(f"www.{page.site}", "/")
    return [
        *(View(page, TODAY, "ann", referrer="a.example"), View(page, YESTERDAY)),
        *(View(other, TODAY), View(page, TODAY, "ann"), View(other, LONG_AGO, "bob")),
    ]


class BatchesContract:
    """A part of CounterBackendContract."""

    def test_should_count_a_batch_of_several_sites_and_days(
        self, backend: CounterBackend, page: Page
    ) -> None:
        views = of_two_sites(page)
        record_views(backend, page, 4)

        backend.record_batch(views, name=page.site, today=TODAY)

        assert backend.tally(page, TODAY) == Tally(7, 7, 1)
        assert backend.tally(views[2].page, TODAY) == Tally(2, 2, 0)
        assert views_on(backend, page, YESTERDAY, TODAY) == [1, 6]
        assert backend.page_history(views[2].page, [LONG_AGO, TODAY]) == [1, 1]
        assert backend.first_day(page.site, TODAY) == YESTERDAY
        assert backend.first_day(views[2].page.site, TODAY) == LONG_AGO
        assert backend.referrers(page.site) == {"a.example": 1}
        assert views[2].page.site in [total.site for total in backend.sites(TODAY)]

    def test_should_move_the_first_day_of_a_site_without_views(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_views(backend, page, 1)
        backend.add_views(page, -1, day=TODAY)

        backend.record_batch([View(page, LONG_AGO)], name=page.site, today=TODAY)

        backend.add_views(page, -1, day=LONG_AGO)
        assert backend.first_day(page.site, TODAY) == LONG_AGO

    def test_should_not_guess_the_first_day_by_a_batch(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.set_views(page, 4)

        backend.record_batch([View(page, LONG_AGO)], name=page.site, today=TODAY)

        backend.add_views(page, -1, day=LONG_AGO)
        assert backend.first_day(page.site, TODAY) is None

    @pytest.mark.parametrize("number", [2, 5])
    def test_should_count_a_batch_once(
        self, backend: CounterBackend, page: Page, number: int
    ) -> None:
        # The first two views are of one site and, if both are today, of one day.
        views = of_two_sites(page)[:number] if number == 5 else [View(page, TODAY)] * 2
        backend.record_batch(views, name=page.site, today=TODAY)
        counted = backend.tally(page, TODAY)

        for _ in range(2):
            backend.record_batch(views, name=page.site, today=TODAY)
        assert backend.tally(page, TODAY) == counted

        backend.record_batch(views, name=f"{page.site}/next", today=TODAY)
        assert backend.tally(page, TODAY).page_views == 2 * counted.page_views

    def test_should_count_all_views_of_a_visitor_in_a_batch(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, repeats_s=3600))

        views = [View(page, TODAY, "ann")] * 3
        backend.record_batch(views, name=page.site, today=TODAY)

        assert backend.tally(page, TODAY) == Tally(3, 3, 1)

    @pytest.mark.parametrize("day", [TODAY, YESTERDAY])
    def test_should_count_nothing_of_a_batch_beyond_a_limit(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page, day: object
    ) -> None:
        few = open_backend(Limits(sites=1_000_000, pages_per_site=2))
        other = record_two_pages(few, page)
        before = few.tally(page, TODAY)
        new = View(Page(page.site, "/new"), YESTERDAY if day == YESTERDAY else TODAY)

        for _ in range(2):
            with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_PAGES=2"):
                views = [View(page, TODAY), View(other, TODAY, "ann"), new]
                few.record_batch(views, name=page.site, today=TODAY)

        assert few.tally(page, TODAY) == before
        few.record_batch(
            [View(page, TODAY), View(other, TODAY)], name=page.site, today=TODAY
        )
        assert few.tally(page, TODAY).site_views == before.site_views + 2

    def test_should_not_add_a_site_beyond_the_limit_by_a_batch(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page
    ) -> None:
        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_SITES=0"):
            open_backend(Limits(sites=0)).record_batch(
                of_two_sites(page), name=page.site, today=TODAY
            )

        assert open_backend(Limits()).tally(page, TODAY) == Tally(0, 0, 0)

    @pytest.mark.parametrize("day", [TODAY, YESTERDAY])
    def test_should_not_know_a_site_of_a_batch_that_was_refused(
        self, open_backend: Callable[[Limits], CounterBackend], page: Page, day: date
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, pages_per_site=1))
        views = [View(page, TODAY), View(Page(page.site, "/other"), day)]

        with pytest.raises(LimitReachedError):
            backend.record_batch(views, name=page.site, today=TODAY)

        assert page.site not in [total.site for total in backend.sites(TODAY)]

    def test_should_return_several_tallies_in_their_order(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = record_two_pages(backend, page)
        unknown = Page(f"www.{page.site}", "/")

        found = backend.tallies([other, unknown, page, other], TODAY)

        assert found == [Tally(1, 6, 0), Tally(0, 0, 0), Tally(5, 6, 0), Tally(1, 6, 0)]
