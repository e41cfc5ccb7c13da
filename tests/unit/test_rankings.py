"""Tests of the rankings that a worker keeps."""

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest

from page_tracker import BackendError, DayTotal, MemoryBackend, Page, View
from page_tracker.counting.span import Span
from page_tracker.web import rankings
from page_tracker.web.rankings import Ranking, Rankings

TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)
WEEK = Span.until(TODAY, 7)
SITE = "a.example"


# A thread of the parent makes a ranking during the fork.
FORK = """
import os, threading
from tests.unit.test_rankings import SITE, TODAY, WEEK, Backend, Rankings

backend = Backend()
backend.may_read.clear()
kept = Rankings(backend)
threading.Thread(target=kept.pages, args=(SITE, WEEK, TODAY), daemon=True).start()
backend.begun.wait(10)
child = os.fork()
if not child:
    backend.may_read = threading.Event()
    backend.may_read.set()
    kept.pages(SITE, WEEK, TODAY)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
os._exit(0)
"""


class Backend(MemoryBackend):
    """A backend that remembers which days were read, and can wait or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[list[date]] = []
        self.failure: Exception | None = None
        self.begun = Event()
        self.may_read = Event()
        self.may_read.set()

    def page_views(self, site: str, days: Sequence[date]) -> dict[str, int]:
        self.read.append(list(days))
        self.begun.set()
        assert self.may_read.wait(10)
        if self.failure:
            raise self.failure
        return super().page_views(site, days)


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture(name="clock", autouse=True)
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rankings, "time", clock)
    return clock


@pytest.fixture(name="counts")
def fixture_counts() -> Backend:
    return Backend()


@pytest.fixture(name="kept")
def fixture_kept(counts: Backend) -> Rankings:
    return Rankings(counts)


def count(backend: MemoryBackend, path: str, day: date = TODAY, times: int = 1) -> None:
    """Record views of a page."""
    for _ in range(times):
        backend.record(View(Page(SITE, path), day))


def rows(ranking: Ranking) -> list[tuple[str, int]]:
    """Return all rows of a ranking."""
    return ranking.part(None, 1_000_000, None).rows


def ask_at_once(counts: Backend, kept: Rankings) -> list[Future[Ranking]]:
    """Ask for a ranking ten times before the backend has answered."""
    counts.may_read.clear()
    with ThreadPoolExecutor(10) as threads:
        asked = [threads.submit(kept.pages, SITE, WEEK, TODAY) for _ in range(10)]
        assert counts.begun.wait(10)
        counts.may_read.set()
    return asked


def test_should_rank_by_views_and_then_by_path(counts: Backend, kept: Rankings) -> None:
    count(counts, "/a", YESTERDAY, 2)
    count(counts, "/a", TODAY)
    count(counts, "/b", YESTERDAY, 3)
    count(counts, "/c", TODAY - timedelta(days=7), 9)

    ranking = kept.pages(SITE, WEEK, TODAY)

    assert rows(ranking) == [("/b", 3), ("/a", 3)]
    assert (ranking.views, ranking.named, ranking.others) == (6, 6, 0)


@pytest.mark.parametrize("reading", ["history", "page_views"])
def test_should_have_the_same_views_in_its_total_and_in_its_pages(
    counts: Backend, kept: Rankings, monkeypatch: pytest.MonkeyPatch, reading: str
) -> None:
    count(counts, "/a", times=2)
    read = getattr(counts, reading)

    def read_and_count(site: str, days: Sequence[date]) -> object:
        found = read(site, days)
        count(counts, "/b")
        return found

    monkeypatch.setattr(counts, reading, read_and_count)

    ranking = kept.pages(SITE, WEEK, TODAY)

    assert ranking.views == sum(views for _, views in rows(ranking))


def test_should_sort_many_pages_in_short_steps() -> None:
    chance = random.Random(20)
    keys = [f"{chance.randrange(50):016}/{number}" for number in range(30_000)]
    chance.shuffle(keys)

    # pylint: disable-next=protected-access  # the ranking of so many views takes long
    assert rankings._sorted(keys) == sorted(keys)


def test_should_make_a_ranking_again_after_a_second(
    counts: Backend, kept: Rankings, clock: Clock
) -> None:
    count(counts, "/a")
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/a", 1)]
    count(counts, "/a")

    clock.now += 0.9
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/a", 1)]
    clock.now += 0.2
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/a", 2)]


def test_should_keep_a_ranking_9_times_as_long_as_it_took(
    counts: Backend, kept: Rankings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def history(site: str, days: Sequence[date]) -> list[DayTotal]:
        clock.now += 2  # it is read before the views of pages
        return MemoryBackend.history(counts, site, days)

    monkeypatch.setattr(counts, "history", history)
    kept.pages(SITE, WEEK, TODAY)
    count(counts, "/a")

    clock.now += 17
    assert not rows(kept.pages(SITE, WEEK, TODAY))
    clock.now += 2
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/a", 1)]


def test_should_read_only_today_as_long_as_earlier_days_do_not_change(
    counts: Backend, kept: Rankings, clock: Clock
) -> None:
    def read_after(change: Callable[[], object]) -> list[list[date]]:
        change()
        clock.now += 1.5
        counts.read.clear()
        kept.pages(SITE, WEEK, TODAY)
        return counts.read

    earlier = WEEK.days[:-1]
    count(counts, "/a", YESTERDAY)

    assert read_after(lambda: None) == [earlier, [TODAY]]
    assert read_after(lambda: None) == []
    assert read_after(lambda: count(counts, "/b")) == [[TODAY]]
    assert read_after(lambda: count(counts, "/b", YESTERDAY)) == [earlier, [TODAY]]
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/b", 2), ("/a", 1)]
    delete = Page(SITE, "/a")
    assert read_after(lambda: counts.delete_page(delete, TODAY)) == [earlier, [TODAY]]
    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/b", 2)]


def test_should_see_a_merge_that_changes_no_total_after_a_while(
    counts: Backend, kept: Rankings, clock: Clock
) -> None:
    count(counts, "/a", YESTERDAY)
    kept.pages(SITE, WEEK, TODAY)
    counts.merge_pages(SITE, {"/a": "/b"}, TODAY)

    clock.now += 60.5

    assert rows(kept.pages(SITE, WEEK, TODAY)) == [("/b", 1)]


def test_should_read_all_days_again_when_today_is_another_day(
    counts: Backend, kept: Rankings
) -> None:
    span = Span(YESTERDAY, TODAY)
    count(counts, "/a", YESTERDAY)
    count(counts, "/b", TODAY)
    kept.pages(SITE, span, YESTERDAY)
    counts.read.clear()

    assert rows(kept.pages(SITE, span, TODAY)) == [("/b", 1), ("/a", 1)]
    assert counts.read == [[YESTERDAY], [TODAY]]


def test_should_make_a_ranking_once_for_all_who_wait(
    counts: Backend, kept: Rankings
) -> None:
    count(counts, "/a")

    found = [each.result(10) for each in ask_at_once(counts, kept)]

    assert len(counts.read) == 2
    assert all(each is found[0] for each in found)


def test_should_fail_once_for_all_who_wait_and_then_try_again(
    counts: Backend, kept: Rankings, clock: Clock
) -> None:
    counts.failure = BackendError("gone")

    errors = [each.exception(10) for each in ask_at_once(counts, kept)]
    assert {type(error) for error in errors} == {BackendError}
    assert len(counts.read) < 10

    counts.failure = None
    clock.now += 0.1
    assert not rows(kept.pages(SITE, WEEK, TODAY))


def test_should_forget_the_oldest_rankings(
    counts: Backend, kept: Rankings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rankings, "_MOST_NAMES", 130)
    for number in range(20):
        count(counts, f"/{number}", YESTERDAY)
    spans = [Span.until(TODAY, days) for days in (7, 8, 9)]

    for span in (*spans, spans[2]):
        kept.pages(SITE, span, TODAY)
    assert len(counts.read) == 6
    kept.pages(SITE, spans[0], TODAY)

    assert len(counts.read) == 8


def test_should_not_wait_in_a_child_for_a_ranking_of_its_parent() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", FORK], check=True, capture_output=True, timeout=20
    )

    assert printed.stdout.split() == [b"0"]
