"""Counters in shared memory: slots of workers, and sums over all of them."""

import multiprocessing
import sys
from collections.abc import Callable
from threading import Thread

import pytest

from page_tracker.operations import shared_counters as module
from page_tracker.operations.shared_counters import ALIVE, SharedCounters

COUNTER, GAUGE = 1, 2


@pytest.fixture(name="counters")
def fixture_counters() -> SharedCounters:
    """Counters of a process that has attached to the first slot."""
    counters = SharedCounters(3, gauges=(GAUGE,))
    counters.assign(1)
    counters.attach(1)
    return counters


def fork(work: Callable[[], None]) -> None:
    """Run a function in a forked process, and wait until it ends."""
    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    process.join(10)
    assert process.exitcode == 0


def count(counters: SharedCounters, worker: int) -> Callable[[], None]:
    """Return a function that counts once in the slot of a worker, and sets a gauge."""

    def work() -> None:
        counters.attach(worker)
        counters.values[COUNTER] += 1
        counters.values[GAUGE] = 5

    return work


def test_should_sum_up_all_workers(counters: SharedCounters) -> None:
    counters.values[COUNTER] += 1

    for worker in (2, 3):
        counters.assign(worker)
        fork(count(counters, worker))

    assert counters.sums() == [3, 3, 10]
    assert counters.complete


def test_should_keep_the_counts_of_an_ended_worker(counters: SharedCounters) -> None:
    counters.assign(2)
    fork(count(counters, 2))

    counters.release(2)

    assert counters.sums() == [1, 1, 0]


def test_should_reuse_a_released_slot(counters: SharedCounters) -> None:
    for worker in range(2, 6):
        counters.assign(worker)
        fork(count(counters, worker))
        counters.release(worker)

    counters.assign(6)
    fork(count(counters, 6))

    assert counters.sums() == [2, 5, 5]


def test_should_not_assign_a_slot_that_is_in_use(
    counters: SharedCounters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SLOTS", 3)
    counters.assign(2)
    fork(count(counters, 2))

    counters.assign(3)
    fork(count(counters, 3))

    assert counters.sums() == [2, 1, 5]
    assert not counters.complete


def test_should_not_include_a_fork_without_a_slot(counters: SharedCounters) -> None:
    counters.values[COUNTER] += 1

    def work() -> None:
        assert counters.sums() == [1, 0, 0]
        counters.values[COUNTER] += 1
        counters.values[GAUGE] = 5
        assert not counters.complete

    fork(work)

    assert counters.sums() == [1, 1, 0]


def test_should_count_in_private_memory_without_workers() -> None:
    counters = SharedCounters(3, gauges=(GAUGE,))

    counters.values[COUNTER] += 1

    assert counters.sums()[ALIVE] == counters.sums()[COUNTER] == 1
    assert not counters.complete


def test_should_lose_no_count_between_threads(counters: SharedCounters) -> None:
    def work() -> None:
        for _ in range(20_000):
            counters.values[COUNTER] += 1

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

    assert counters.values[COUNTER] == 160_000
