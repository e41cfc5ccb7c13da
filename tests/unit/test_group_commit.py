"""Group commit: who waits with whom, and for how long."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread
from typing import NoReturn

import pytest

from page_tracker import BackendError
from page_tracker.backends.group_commit import GroupCommit, Pending
from page_tracker.backends.protocol import BackendOverloadedError, LimitReachedError
from tests.servers import wait_until

Batch = Sequence[Pending[int, int]]

pytestmark = pytest.mark.timeout(10)


class Doubler:
    """Answers each number with its double, as soon as it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let = Event()
        self.let.set()

    def __call__(self, batch: Batch) -> None:
        self.batches.append([pending.request for pending in batch])
        assert self.let.wait(5)
        for pending in batch:
            pending.succeed(2 * pending.request)


@pytest.fixture(name="doubler")
def fixture_doubler() -> Doubler:
    return Doubler()


@pytest.fixture(name="pool")
def fixture_pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def ask_one_by_one(
    pool: ThreadPoolExecutor, group: GroupCommit[int, int], questions: range
) -> list[Future[int]]:
    """Ask from a thread each; return when all of them wait, in this order."""
    return [ask_and_wait(pool, group, question) for question in questions]


def ask_and_wait(
    pool: ThreadPoolExecutor, group: GroupCommit[int, int], question: int
) -> Future[int]:
    """Ask from a thread; return when it waits."""
    before = waiting(group)
    asked = pool.submit(group.call, question)
    wait_until(lambda: waiting(group) > before, "the question")
    return asked


def ask_and_hold(
    doubler: "Doubler", pool: ThreadPoolExecutor, group: GroupCommit[int, int]
) -> Future[int]:
    """Ask for one whose batch is under way until the doubler lets it go on."""
    doubler.let.clear()
    asked = pool.submit(group.call, 0)
    wait_until(lambda: doubler.batches, "the first batch")
    return asked


def waiting(group: GroupCommit[int, int]) -> int:
    """Tell how many wait for the next batch."""
    return len(group._queue)  # pylint: disable=protected-access


def test_should_let_one_alone_wait_for_nobody(doubler: Doubler) -> None:
    group = GroupCommit(doubler, deadline_s=5)

    assert [group.call(number) for number in (1, 2, 3)] == [2, 4, 6]

    assert doubler.batches == [[1], [2], [3]]


def test_should_gather_who_comes_while_a_batch_is_under_way(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(doubler, deadline_s=5)
    first = ask_and_hold(doubler, pool, group)
    others = ask_one_by_one(pool, group, range(1, 10))

    doubler.let.set()

    assert [asked.result() for asked in [first, *others]] == list(range(0, 20, 2))
    assert doubler.batches == [[0], list(range(1, 10))]


def test_should_bound_a_batch(doubler: Doubler, pool: ThreadPoolExecutor) -> None:
    group = GroupCommit(doubler, deadline_s=5, largest_batch=4)
    ask_and_hold(doubler, pool, group)
    others = ask_one_by_one(pool, group, range(1, 10))

    doubler.let.set()

    assert [asked.result() for asked in others] == list(range(2, 20, 2))
    assert doubler.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_should_turn_away_whom_the_queue_has_no_place_for(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(doubler, deadline_s=5, longest_queue=3)
    ask_and_hold(doubler, pool, group)
    ask_one_by_one(pool, group, range(1, 4))

    with pytest.raises(BackendOverloadedError, match="allowed: 3"):
        group.call(4)

    doubler.let.set()
    wait_until(lambda: doubler.batches[1:] == [[1, 2, 3]], "the others")


def test_should_fail_at_the_deadline_with_the_reason() -> None:
    def stumble(batch: Batch) -> None:
        for pending in batch:
            pending.error = ConnectionError("refused")

    begun = time.monotonic()
    with pytest.raises(BackendError, match="not answered within 0.2 s") as failed:
        GroupCommit(stumble, deadline_s=0.2).call(1)

    assert 0.2 <= time.monotonic() - begun < 1
    assert isinstance(failed.value.__cause__, ConnectionError)


def test_should_not_commit_what_has_failed_meanwhile(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    group = GroupCommit(doubler, deadline_s=0.2)
    first = ask_and_hold(doubler, pool, group)
    (second,) = ask_one_by_one(pool, group, range(1, 2))
    for asked in (first, second):
        with pytest.raises(BackendError):
            asked.result()

    doubler.let.set()

    wait_until(lambda: answers(group, 2), "an answer")
    assert doubler.batches == [[0], [2]]


def test_should_fail_at_once_in_an_outage_until_a_probe_succeeds(
    doubler: Doubler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page_tracker.backends.group_commit._PROBE_EVERY_S", 1)
    group = GroupCommit(doubler, deadline_s=0.5)
    doubler.let.clear()
    with pytest.raises(BackendError, match="not answered"):
        group.call(1)
    outage = time.monotonic()

    for _ in range(3):
        with pytest.raises(BackendError, match="tries again every second"):
            group.call(2)
    assert time.monotonic() - outage < 1

    doubler.let.set()
    wait_until(lambda: answers(group, 3), "a probe")
    assert group.call(4) == 8
    assert doubler.batches == [[1], [3], [4]]
    assert time.monotonic() - outage >= 1


def answers(group: GroupCommit[int, int], question: int) -> bool:
    """Return whether there is an answer."""
    try:
        return group.call(question) == 2 * question
    except BackendError:
        return False


def test_should_not_take_who_is_late_for_an_outage_while_others_are_answered(
    doubler: Doubler, pool: ThreadPoolExecutor
) -> None:
    def answer_but_one(batch: Batch) -> None:
        doubler([pending for pending in batch if pending.request != 13])

    group = GroupCommit(answer_but_one, deadline_s=1)
    unlucky = pool.submit(group.call, 13)
    wait_until(lambda: doubler.batches, "the first batch")

    assert group.call(1) == 2
    with pytest.raises(BackendError, match="not answered"):
        unlucky.result()
    assert group.call(2) == 4


def test_should_not_take_who_has_little_time_left_for_an_outage(
    doubler: Doubler,
) -> None:
    group = GroupCommit(doubler, deadline_s=5)
    doubler.let.clear()

    begun = time.monotonic()
    for left in (0.1, -1.0):
        with pytest.raises(BackendError, match="not answered"):
            group.call(1, until=begun + left)
    assert time.monotonic() - begun < 1

    doubler.let.set()
    assert group.call(2) == 4


def test_should_go_on_failing_at_once_when_a_probe_fails(
    doubler: Doubler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page_tracker.backends.group_commit._PROBE_EVERY_S", 1)
    group = GroupCommit(doubler, deadline_s=0.3)
    doubler.let.clear()

    assert "not answered" in refusal(group)
    assert "tries again" in refusal(group)
    wait_until(lambda: "not answered" in refusal(group), "a probe")
    assert "tries again" in refusal(group)

    doubler.let.set()


def refusal(group: GroupCommit[int, int]) -> str:
    """Return why there is no answer."""
    with pytest.raises(BackendError) as refused:
        group.call(1)
    return str(refused.value)


def test_should_tell_all_of_a_batch_of_an_error_and_go_on(
    pool: ThreadPoolExecutor,
) -> None:
    def choke(batch: Batch) -> None:
        if any(pending.request == 13 for pending in batch):
            raise ArithmeticError("unlucky")
        for pending in batch:
            pending.succeed(pending.request)

    group = GroupCommit(choke, deadline_s=5)

    with pytest.raises(BackendError) as failed:
        pool.submit(group.call, 13).result()

    assert isinstance(failed.value.__cause__, ArithmeticError)
    assert group.call(12) == 12


def test_should_say_why_there_is_no_answer_in_the_backends_own_words() -> None:
    def refuse(batch: Batch) -> None:
        for pending in batch:
            pending.fail(LimitReachedError("enough"))

    with pytest.raises(LimitReachedError, match="^enough$"):
        GroupCommit(refuse, deadline_s=5).call(1)


def test_should_go_on_when_no_thread_can_be_started(
    doubler: Doubler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    group = GroupCommit(doubler, deadline_s=5, longest_queue=2)
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        for _ in range(4):
            with pytest.raises(BackendError) as failed:
                group.call(1)
            assert isinstance(failed.value.__cause__, RuntimeError)

    assert group.call(2) == 4
    assert doubler.batches == [[2]]
