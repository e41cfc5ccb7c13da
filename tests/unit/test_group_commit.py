"""Tests of group commit: batches, the queue, deadlines and outages."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread, current_thread
from typing import NoReturn

import pytest

from page_tracker import BackendError
from page_tracker.backends.group_commit import GroupCommit, Pauses, Pending, in_thread
from page_tracker.backends.protocol import BackendOverloadedError, LimitReachedError
from tests.servers import wait_until

Batch = Sequence[Pending[int, int]]


class Doubler:
    """Doubles each number of a batch, as soon as `may_continue` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_continue = Event()
        self.may_continue.set()

    def __call__(self, batch: Batch) -> None:
        self.batches.append([pending.request for pending in batch])
        assert self.may_continue.wait(5)
        for pending in batch:
            pending.succeed(2 * pending.request)


@pytest.fixture(name="doubler")
def fixture_doubler() -> Doubler:
    return Doubler()


@pytest.fixture(name="pool")
def fixture_pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


class Clock:
    """Replaces the module `time`, and can be put forward."""

    ahead_s = 0.0
    sleep = staticmethod(time.sleep)

    def monotonic(self) -> float:
        """Return the time of this clock."""
        return time.monotonic() + self.ahead_s


@pytest.fixture(name="clock")
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of group commit."""
    clock = Clock()
    monkeypatch.setattr("page_tracker.backends.group_commit.time", clock)
    return clock


def ask_one_by_one(
    pool: ThreadPoolExecutor, group: GroupCommit[int, int], questions: range
) -> list[Future[int]]:
    """Ask each question in its own thread. Return when all wait, in this order."""
    return [ask_and_wait(pool, group, question) for question in questions]


def ask_and_wait(
    pool: ThreadPoolExecutor, group: GroupCommit[int, int], question: int
) -> Future[int]:
    """Ask a question in a thread. Return when it waits for a batch."""
    before = waiting(group)
    answer = pool.submit(group.call, question)
    wait_until(lambda: waiting(group) > before, "the question")
    return answer


def ask_and_hold(
    doubler: "Doubler", pool: ThreadPoolExecutor, group: GroupCommit[int, int]
) -> Future[int]:
    """Ask a question, and hold its batch until the doubler may continue."""
    doubler.may_continue.clear()
    answer = pool.submit(group.call, 0)
    wait_until(lambda: doubler.batches, "the first batch")
    return answer


def waiting(group: GroupCommit[int, int]) -> int:
    """Return how many questions wait for the next batch."""
    return len(group._queue)  # pylint: disable=protected-access


def test_should_commit_a_single_request_immediately(doubler: Doubler) -> None:
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=5)

    assert [group.call(number) for number in (1, 2, 3)] == [2, 4, 6]

    assert doubler.batches == [[1], [2], [3]]


def test_should_commit_in_the_thread_of_a_caller_if_nobody_else_commits() -> None:
    threads = []

    def commit(batch: Batch) -> Pauses:
        threads.append(current_thread())
        for pending in batch:
            pending.succeed(2 * pending.request)
        yield from ()

    group = GroupCommit(commit, storage="Redis", deadline_s=5)

    assert [group.call(1), group.call(2)] == [2, 4]

    assert threads == [current_thread()] * 2


def test_should_continue_after_a_pause_in_another_thread() -> None:
    threads = []

    def commit(batch: Batch) -> Pauses:
        for pause in (0.0, 0.01):
            threads.append(current_thread())
            yield pause
        threads.append(current_thread())
        batch[0].succeed(2 * batch[0].request)

    group = GroupCommit(commit, storage="Redis", deadline_s=5)

    assert group.call(1) == 2

    assert [each == current_thread() for each in threads] == [True, False, False]


def test_should_leave_others_to_a_thread_when_the_batch_of_a_caller_ends(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    def commit(batch: Batch) -> Pauses:
        doubler(batch)
        yield from ()

    group = GroupCommit(commit, storage="Redis", deadline_s=5)
    first = ask_and_hold(doubler, pool, group)
    others = ask_one_by_one(pool, group, range(1, 4))

    doubler.may_continue.set()

    assert [answer.result() for answer in [first, *others]] == [0, 2, 4, 6]
    assert doubler.batches == [[0], [1, 2, 3]]


def test_should_commit_others_if_the_thread_of_a_caller_is_interrupted(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    def commit(batch: Batch) -> Pauses:
        doubler(batch)
        if batch[0].request == 0:
            raise KeyboardInterrupt
        yield from ()

    group = GroupCommit(commit, storage="Redis", deadline_s=5)
    first = ask_and_hold(doubler, pool, group)
    (second,) = ask_one_by_one(pool, group, range(1, 2))

    doubler.may_continue.set()

    assert isinstance(first.exception(), KeyboardInterrupt)
    assert [second.result(), group.call(2)] == [2, 4]


def test_should_collect_requests_while_a_batch_is_in_progress(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=5)
    first = ask_and_hold(doubler, pool, group)
    others = ask_one_by_one(pool, group, range(1, 10))

    doubler.may_continue.set()

    assert [answer.result() for answer in [first, *others]] == list(range(0, 20, 2))
    assert doubler.batches == [[0], list(range(1, 10))]


def test_should_limit_the_size_of_a_batch(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(
        in_thread(doubler), storage="Redis", deadline_s=5, largest_batch=4
    )
    ask_and_hold(doubler, pool, group)
    others = ask_one_by_one(pool, group, range(1, 10))

    doubler.may_continue.set()

    assert [answer.result() for answer in others] == list(range(2, 20, 2))
    assert doubler.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_should_refuse_requests_when_the_queue_is_full(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(
        in_thread(doubler), storage="Redis", deadline_s=5, longest_queue=3
    )
    ask_and_hold(doubler, pool, group)
    ask_one_by_one(pool, group, range(1, 4))

    with pytest.raises(BackendOverloadedError, match="allowed: 3"):
        group.call(4)

    doubler.may_continue.set()
    wait_until(lambda: doubler.batches[1:] == [[1, 2, 3]], "the others")


def test_should_fail_at_the_deadline_with_the_reason() -> None:
    def keep_error(batch: Batch) -> None:
        for pending in batch:
            pending.error = ConnectionError("refused")

    begun = time.monotonic()
    with pytest.raises(BackendError, match="did not answer within 0.2 s") as failed:
        GroupCommit(in_thread(keep_error), storage="Redis", deadline_s=0.2).call(1)

    assert 0.2 <= time.monotonic() - begun < 1
    assert isinstance(failed.value.__cause__, ConnectionError)


def test_should_know_the_cause_of_a_request_that_waited_behind_a_failed_one(
    pool: ThreadPoolExecutor,
) -> None:
    begun, may_end = Event(), Event()

    def keep_error(batch: Batch) -> None:
        for pending in batch:
            pending.error = ConnectionError("refused")
        begun.set()
        may_end.wait(10)

    group = GroupCommit(in_thread(keep_error), storage="Redis", deadline_s=0.2)
    first = pool.submit(group.call, 1)
    assert begun.wait(10)
    second = pool.submit(group.call, 2)

    errors = [first.exception(10), second.exception(10)]
    may_end.set()

    for error in errors:
        assert isinstance(error, BackendError)
        assert isinstance(error.__cause__, ConnectionError)


def test_should_not_commit_requests_that_have_timed_out(
    doubler: Doubler, pool: ThreadPoolExecutor, clock: Clock
) -> None:
    # Also on a busy machine, the second one has to wait before the first one fails.
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=1)
    first = ask_and_hold(doubler, pool, group)
    (second,) = ask_one_by_one(pool, group, range(1, 2))
    for answer in (first, second):
        with pytest.raises(BackendError):
            answer.result()

    doubler.may_continue.set()
    clock.ahead_s += 1

    assert group.call(2) == 4
    assert doubler.batches == [[0], [2]]


def test_should_fail_immediately_in_an_outage_until_a_probe_succeeds(
    doubler: Doubler, clock: Clock
) -> None:
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=0.2)
    doubler.may_continue.clear()
    assert "did not answer" in refusal(group)

    for _ in range(3):
        assert "tries again every second" in refusal(group)

    doubler.may_continue.set()
    clock.ahead_s += 1
    assert [group.call(3), group.call(4)] == [6, 8]
    assert doubler.batches == [[1], [3], [4]]


def test_should_not_detect_an_outage_while_other_requests_are_answered(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    def answer_but_one(batch: Batch) -> None:
        doubler([pending for pending in batch if pending.request != 13])

    group = GroupCommit(in_thread(answer_but_one), storage="Redis", deadline_s=1)
    late = pool.submit(group.call, 13)
    wait_until(lambda: doubler.batches, "the first batch")

    assert group.call(1) == 2
    with pytest.raises(BackendError, match="did not answer"):
        late.result()
    assert group.call(2) == 4


def test_should_not_detect_an_outage_when_a_request_has_little_time_left(
    doubler: Doubler,
) -> None:
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=5)
    doubler.may_continue.clear()

    begun = time.monotonic()
    for left in (0.1, -1.0):
        with pytest.raises(BackendError, match="did not answer"):
            group.call(1, until=begun + left)
    assert time.monotonic() - begun < 1

    doubler.may_continue.set()
    assert group.call(2) == 4


def test_should_keep_failing_immediately_when_a_probe_fails(
    doubler: Doubler, clock: Clock
) -> None:
    group = GroupCommit(in_thread(doubler), storage="Redis", deadline_s=0.2)
    doubler.may_continue.clear()

    assert "did not answer" in refusal(group)
    assert "tries again" in refusal(group)
    clock.ahead_s += 1
    assert "did not answer" in refusal(group)
    assert "tries again" in refusal(group)

    doubler.may_continue.set()


def refusal(group: GroupCommit[int, int]) -> str:
    """Return the error of a call that fails."""
    with pytest.raises(BackendError) as refused:
        group.call(1)
    return str(refused.value)


def test_should_fail_all_requests_of_a_batch_with_an_error_and_continue(
    pool: ThreadPoolExecutor,
) -> None:
    def fail_with_13(batch: Batch) -> None:
        if any(pending.request == 13 for pending in batch):
            raise ArithmeticError("unlucky")
        for pending in batch:
            pending.succeed(pending.request)

    group = GroupCommit(in_thread(fail_with_13), storage="Redis", deadline_s=5)

    with pytest.raises(BackendError) as failed:
        pool.submit(group.call, 13).result()

    assert isinstance(failed.value.__cause__, ArithmeticError)
    assert group.call(12) == 12


def test_should_raise_the_error_of_the_backend() -> None:
    def refuse(batch: Batch) -> None:
        for pending in batch:
            pending.fail(LimitReachedError("enough"))

    with pytest.raises(LimitReachedError, match="^enough$"):
        GroupCommit(in_thread(refuse), storage="Redis", deadline_s=5).call(1)


def test_should_continue_after_a_thread_could_not_be_started(
    doubler: Doubler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    group = GroupCommit(
        in_thread(doubler), storage="Redis", deadline_s=5, longest_queue=2
    )
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        for _ in range(4):
            with pytest.raises(BackendError) as failed:
                group.call(1)
            assert isinstance(failed.value.__cause__, RuntimeError)

    assert group.call(2) == 4
    assert doubler.batches == [[2]]
