"""Numbers that processes share: whose they are, and what becomes of them."""

import multiprocessing
import sys
from collections.abc import Callable
from threading import Thread

import pytest

from page_tracker.operations import shared_counters as module
from page_tracker.operations.shared_counters import ALIVE, SharedCounters

COUNTER, GAUGE = 1, 2


@pytest.fixture(name="columns")
def fixture_columns() -> SharedCounters:
    """SharedCounters of a master that has given itself the first one."""
    columns = SharedCounters(3, gauges=(GAUGE,))
    columns.give(1)
    columns.take(1)
    return columns


def fork(work: Callable[[], None]) -> None:
    """Do some work in a process of its own, to its end."""
    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    process.join(10)
    assert process.exitcode == 0


def count(columns: SharedCounters, worker: int) -> Callable[[], None]:
    """Count one in the column of a worker, and leave a gauge there."""

    def work() -> None:
        columns.take(worker)
        columns.cells[COUNTER] += 1
        columns.cells[GAUGE] = 5

    return work


def test_should_sum_up_what_all_have_counted(columns: SharedCounters) -> None:
    columns.cells[COUNTER] += 1

    for worker in (2, 3):
        columns.give(worker)
        fork(count(columns, worker))

    assert columns.sums() == [3, 3, 10]
    assert columns.complete


def test_should_keep_what_has_been_counted_by_who_has_ended(
    columns: SharedCounters,
) -> None:
    columns.give(2)
    fork(count(columns, 2))

    columns.free(2)

    assert columns.sums() == [1, 1, 0]


def test_should_go_on_in_a_column_that_is_free(columns: SharedCounters) -> None:
    for worker in range(2, 6):
        columns.give(worker)
        fork(count(columns, worker))
        columns.free(worker)

    columns.give(6)
    fork(count(columns, 6))

    assert columns.sums() == [2, 5, 5]


def test_should_not_give_a_column_that_is_in_use(
    columns: SharedCounters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_COLUMNS", 3)
    columns.give(2)
    fork(count(columns, 2))

    columns.give(3)
    fork(count(columns, 3))

    assert columns.sums() == [2, 1, 5]
    assert not columns.complete


def test_should_not_count_what_a_fork_does_without_a_column(
    columns: SharedCounters,
) -> None:
    columns.cells[COUNTER] += 1

    def work() -> None:
        assert columns.sums() == [1, 0, 0]
        columns.cells[COUNTER] += 1
        columns.cells[GAUGE] = 5
        assert not columns.complete

    fork(work)

    assert columns.sums() == [1, 1, 0]


def test_should_have_numbers_of_its_own_without_workers() -> None:
    columns = SharedCounters(3, gauges=(GAUGE,))

    columns.cells[COUNTER] += 1

    assert columns.sums()[ALIVE] == columns.sums()[COUNTER] == 1
    assert not columns.complete


def test_should_lose_nothing_to_threads(columns: SharedCounters) -> None:
    def work() -> None:
        for _ in range(20_000):
            columns.cells[COUNTER] += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert columns.cells[COUNTER] == 160_000
