"""What every CounterBackend does, whatever it counts in."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from page_tracker import BackendError, CounterBackend, Page, Tally, View

THREADS, VIEWS_PER_THREAD = 16, 200
PROCESSES, VIEWS_PER_PROCESS = 4, 50
DAY = date(2026, 11, 22)
NOTHING = Tally(page_views=0, site_views=0, site_visitors_today=0)


class CounterBackendContract:
    """Inherited by the tests of each backend, which give the fixture `backend`."""

    def test_should_tally_zeros_when_nothing_was_recorded(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert backend.tally(page, DAY) == NOTHING

    def test_should_number_views_from_one_upwards(
        self, backend: CounterBackend, page: Page
    ) -> None:
        numbers = [backend.record(View(page, DAY)).site_views for _ in range(3)]

        assert numbers == [1, 2, 3]

    def test_should_tally_without_counting(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.record(View(page, DAY))

        tallies = [backend.tally(page, DAY) for _ in range(3)]

        assert tallies == [Tally(1, 1, 0)] * 3

    def test_should_count_the_pages_of_a_site_together(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other = Page(page.site, "/other")
        views = [View(page, DAY), View(other, DAY), View(page, DAY)]

        tallies = [backend.record(view) for view in views]

        assert tallies == [Tally(1, 1, 0), Tally(1, 2, 0), Tally(2, 3, 0)]
        assert backend.tally(page, DAY) == Tally(2, 3, 0)
        assert backend.tally(other, DAY) == Tally(1, 3, 0)

    def test_should_count_a_visitor_of_a_site_once_a_day(
        self, backend: CounterBackend, page: Page
    ) -> None:
        other, tomorrow = Page(page.site, "/other"), DAY + timedelta(days=1)
        for view in (
            View(page, DAY, "visitor1"),
            View(other, DAY, "visitor1"),
            View(page, DAY, "visitor2"),
            View(page, DAY),
            View(page, tomorrow, "visitor3"),
        ):
            backend.record(view)

        assert backend.tally(page, DAY) == Tally(4, 5, 2)
        assert backend.tally(page, tomorrow) == Tally(4, 5, 1)

    def test_should_keep_sites_apart(self, backend: CounterBackend, page: Page) -> None:
        backend.record(View(page, DAY))

        assert backend.tally(Page(f"www.{page.site}", "/"), DAY) == NOTHING

    def test_should_be_able_to_serve(self, backend: CounterBackend) -> None:
        assert all(isinstance(warning, str) for warning in backend.check())

    def test_should_give_each_number_once_when_threads_record_at_once(
        self, backend: CounterBackend, page: Page
    ) -> None:
        def record_many(_: int) -> list[int]:
            views = range(VIEWS_PER_THREAD)
            return [backend.record(View(page, DAY)).site_views for _ in views]

        with ThreadPoolExecutor(THREADS) as threads:
            lists = list(threads.map(record_many, range(THREADS)))

        numbers = sorted(number for numbers in lists for number in numbers)
        assert numbers == list(range(1, THREADS * VIEWS_PER_THREAD + 1))
        assert all(numbers == sorted(numbers) for numbers in lists)

    # That is what Python 3.12 says of threads at a fork; here one waits, for work.
    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
    def test_should_give_no_number_twice_across_forks(
        self, backend: CounterBackend, page: Page
    ) -> None:
        before = backend.record(View(page, DAY)).site_views

        in_children = _in_forked_processes(lambda: _try_to_record(backend, page))

        after = backend.record(View(page, DAY)).site_views
        forked = PROCESSES * VIEWS_PER_PROCESS if backend.shared else 0
        assert sorted([before, *in_children, after]) == list(range(1, forked + 3))


def _try_to_record(backend: CounterBackend, page: Page) -> list[int]:
    try:
        views = range(VIEWS_PER_PROCESS)
        return [backend.record(View(page, DAY)).site_views for _ in views]
    except BackendError:
        return []


def _in_forked_processes(work: Callable[[], list[int]]) -> list[int]:
    """Run the work in several forks of this process at once; gather what it returns."""
    forking = multiprocessing.get_context("fork")
    results = forking.SimpleQueue()
    processes = [
        forking.Process(target=lambda: results.put(work())) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    numbers = [number for _ in processes for number in results.get()]
    for process in processes:
        process.join()
    return numbers
