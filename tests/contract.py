"""Tests that every CounterBackend has to pass."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from page_tracker import (
    BackendError,
    CounterBackend,
    Ignored,
    LimitReachedError,
    Limits,
    Page,
    Tally,
    View,
)
from page_tracker.counting.model import FRONT_PAGE
from tests.contract_batches import BatchesContract
from tests.contract_changes import ChangesContract
from tests.contract_merging import MergingContract
from tests.contract_owner import OwnerContract
from tests.contract_referrers import ReferrersContract
from tests.contract_referrers_transfer import ImportedReferrersContract
from tests.contract_shares import SharesContract
from tests.contract_transfer import TransferContract
from tests.servers import wait_until

THREADS, VIEWS_PER_THREAD = 16, 200
PROCESSES, VIEWS_PER_PROCESS = 4, 50
DAY = date(2026, 11, 22)
NOTHING = Tally(page_views=0, site_views=0, site_visitors_today=0)

# Tests share a server, but each test uses its own sites.
MANY_SITES = Limits(sites=1_000_000)
FEW_PAGES = Limits(sites=1_000_000, pages_per_site=3)
NO_SITES = Limits(sites=0)
NO_REPEATS = Limits(sites=1_000_000, repeats_s=3600)

OpenBackend = Callable[[Limits], CounterBackend]


class CounterBackendContract(
    OwnerContract,
    ChangesContract,
    BatchesContract,
    TransferContract,
    MergingContract,
    ReferrersContract,
    ImportedReferrersContract,
    SharesContract,
):
    """Base of the tests of each backend, which define the fixture `open_backend`."""

    @pytest.fixture(name="backend")
    def fixture_backend(self, open_backend: OpenBackend) -> CounterBackend:
        return open_backend(MANY_SITES)

    def test_should_return_zeros_for_a_page_without_views(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert backend.tally(page, DAY) == NOTHING

    def test_should_number_views_from_1(
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

    def test_should_count_sites_separately(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.record(View(page, DAY))

        assert backend.tally(Page(f"www.{page.site}", "/"), DAY) == NOTHING

    def test_should_count_ignored_views_separately(
        self, backend: CounterBackend, page: Page
    ) -> None:
        backend.record(View(page, DAY, "visitor1"))
        reasons = [Ignored.CRAWLER, Ignored.PREFETCH, Ignored.CRAWLER]

        tallies = [backend.record(View(page, DAY, "x", reason)) for reason in reasons]

        assert tallies == [Tally(1, 1, 1, reason) for reason in reasons]
        assert backend.tally(page, DAY) == Tally(1, 1, 1)
        assert backend.ignored(page.site, [DAY]) == {
            Ignored.CRAWLER: 2,
            Ignored.PREFETCH: 1,
        }
        assert backend.ignored(page.site, [DAY + timedelta(days=1)]) == {}

    def test_should_store_nothing_of_an_ignored_view_of_an_unknown_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        tally = backend.record(View(page, DAY, "x", Ignored.CRAWLER))

        assert tally == Tally(0, 0, 0, Ignored.CRAWLER)
        assert backend.ignored(page.site, [DAY]) == {}

    def test_should_refuse_pages_beyond_the_limit_and_still_count_known_ones(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        limited = open_backend(FEW_PAGES)
        pages = [Page(page.site, f"/{number}") for number in range(3)]
        for known in pages:
            limited.record(View(known, DAY, "visitor"))

        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_PAGES"):
            limited.record(View(Page(page.site, "/new"), DAY, "other"))

        assert limited.record(View(pages[0], DAY)) == Tally(2, 4, 1)
        assert limited.tally(Page(page.site, "/new"), DAY).page_views == 0

    def test_should_respect_the_page_limit_when_threads_record_concurrently(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        limited = open_backend(FEW_PAGES)

        def record(number: int) -> bool:
            try:
                limited.record(View(Page(page.site, f"/{number % 20}"), DAY))
            except LimitReachedError:
                return False
            return True

        with ThreadPoolExecutor(THREADS) as threads:
            counted = sum(threads.map(record, range(400)))

        pages = [Page(page.site, f"/{number}") for number in range(20)]
        views = [limited.tally(known, DAY).page_views for known in pages]
        assert sorted(views) == [0] * 17 + [20] * 3
        assert limited.tally(page, DAY).site_views == counted == 60

    def test_should_refuse_sites_beyond_the_limit_and_still_count_the_front_page(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        crowded = open_backend(NO_SITES)

        with pytest.raises(LimitReachedError, match="PAGE_TRACKER_MAX_SITES"):
            crowded.record(View(page, DAY, "visitor"))

        assert crowded.tally(page, DAY) == NOTHING
        assert crowded.record(View(FRONT_PAGE, DAY)).site_views > 0

    def test_should_ignore_repeat_views_within_the_interval(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        backend, other = open_backend(NO_REPEATS), Page(page.site, "/other")
        views = [
            View(page, DAY, "visitor1"),
            View(page, DAY, "visitor1"),
            View(other, DAY, "visitor1"),
            View(page, DAY, "visitor2"),
            View(page, DAY),
            View(page, DAY),
            View(page, DAY, "visitor2"),
        ]

        tallies = [backend.record(view) for view in views]

        assert tallies == [
            Tally(1, 1, 1),
            Tally(1, 1, 1, Ignored.REPEAT),
            Tally(1, 2, 1),
            Tally(2, 3, 2),
            Tally(3, 4, 2),
            Tally(4, 5, 2),
            Tally(4, 5, 2, Ignored.REPEAT),
        ]
        assert backend.ignored(page.site, [DAY]) == {Ignored.REPEAT: 2}

    def test_should_count_a_repeat_view_after_the_interval(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, repeats_s=1))
        reasons = [backend.record(View(page, DAY, "me")).ignored for _ in range(2)]

        wait_until(
            lambda: backend.record(View(page, DAY, "me")).ignored is None,
            "the interval to end",
        )

        assert reasons == [None, Ignored.REPEAT]
        assert backend.tally(page, DAY) == Tally(2, 2, 1)

    def test_should_count_one_view_per_visitor_when_threads_record_concurrently(
        self, open_backend: OpenBackend, page: Page
    ) -> None:
        backend = open_backend(NO_REPEATS)
        views = [View(page, DAY, f"visitor{number % 10}") for number in range(200)]

        with ThreadPoolExecutor(THREADS) as threads:
            tallies = list(threads.map(backend.record, views))

        numbers = [tally.page_views for tally in tallies if tally.ignored is None]
        assert sorted(numbers) == list(range(1, 11))
        assert backend.ignored(page.site, [DAY]) == {Ignored.REPEAT: 190}

    def test_should_pass_its_own_check(self, backend: CounterBackend) -> None:
        assert all(isinstance(warning, str) for warning in backend.check().warnings)

    def test_should_assign_each_number_once_when_threads_record_concurrently(
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

    # Python 3.12 warns about a fork while threads run. Here, the only one is idle.
    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
    def test_should_assign_each_number_once_across_forks(
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
    """Run the work in forked processes at the same time, and return all results."""
    forking = multiprocessing.get_context("fork")
    results = forking.SimpleQueue()
    processes = [
        forking.Process(target=lambda: results.put(work()), daemon=True)
        for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    numbers = [number for _ in processes for number in results.get()]
    for process in processes:
        process.join(10)
        assert process.exitcode == 0
    return numbers
