"""Group commit: requests that arrive at the same time are committed in one batch.

While one batch is being committed, the next one gathers. A request never waits for
others to join it. Source: DeWitt et al., Implementation Techniques for Main Memory
Database Systems (1984).

If nobody else commits, a caller commits at once in its own thread, which needs no
switch to another one. Source: Hendler et al., Flat Combining and the
Synchronization-Parallelism Tradeoff (2010).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from math import inf
from typing import Generic, TypeVar

from page_tracker.backends.protocol import BackendError, BackendOverloadedError

Q = TypeVar("Q")
R = TypeVar("R")

_PROBE_EVERY_S = 1.0
# Under load, the next batch mostly begins sooner than this.
_LINGER_S = 1.0


class Pending(Generic[Q, R]):
    """A request that waits for its result."""

    __slots__ = (
        "request",
        "since",
        "until",
        "answered_before",
        "error",
        "_done",
        "_result",
    )

    def __init__(
        self, request: Q, since: float, until: float, answered_before: int
    ) -> None:
        self.request = request
        self.since = since
        """When the request was submitted, by time.monotonic()."""
        self.until = until
        """When its caller stops waiting, by time.monotonic()."""
        self.answered_before = answered_before
        """How many requests had been answered when this one was submitted."""
        self.error: Exception | None = None
        """Why there is no result, or why there is none yet."""
        # Found at run time, because gevent replaces it after this module's import.
        self._done = threading.Event()
        self._result: R

    def succeed(self, result: R) -> None:
        """Set the result."""
        self._result = result
        self._done.set()

    def fail(self, error: Exception) -> None:
        """Set the error, unless the request is already done."""
        if not self._done.is_set():
            self.error = error
            self._done.set()

    def wait(self) -> bool:
        """Wait until the request is done. Return False if its time is up first."""
        return self._done.wait(self.until - time.monotonic())

    def result(self) -> R:
        """Return the result of a request that is done. Raises BackendError."""
        if self.error is not None and not hasattr(self, "_result"):
            if isinstance(self.error, BackendError):
                raise self.error
            raise BackendError("the request failed") from self.error
        return self._result


Pauses = Generator[float, None, None]

Commit = Callable[[list[Pending[Q, R]]], Pauses]
"""Commits a batch: gives every request a result or an error.

It yields pauses in seconds, for example before it tries again. A caller may run it up
to its first pause, so that part must take less time than the deadline. A thread runs
the rest. A request that gets no result fails at its deadline.
"""


def in_thread(commit: Callable[[list[Pending[Q, R]]], None]) -> Commit[Q, R]:
    """Return a commit that only a thread runs, because it may take any time."""

    def commit_later(batch: list[Pending[Q, R]]) -> Pauses:
        yield 0.0
        commit(batch)

    return commit_later


def check_deadline(deadline_s: float) -> None:
    """Raise ValueError unless this is a possible number of seconds to wait."""
    if not 0 < deadline_s < inf:
        raise ValueError(f"the deadline is {deadline_s} s; allowed: more than 0 s")


class GroupCommit(Generic[Q, R]):
    """Gathers concurrent requests into batches and commits one batch at a time.

    Works with threads and with greenlets, because it waits only through threading,
    which gevent replaces. A forked process needs an instance of its own.
    """

    def __init__(  # pylint: disable=too-many-arguments  # most are keyword-only
        self,
        commit: Commit[Q, R],
        *,
        deadline_s: float,
        storage: str,
        largest_batch: int = 256,
        longest_queue: int = 1024,
        on_outage: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Commit each batch with this function.

        If the function first has to wait for its turn, it may then call join(). The
        name of the storage is a part of error texts. on_outage is called with 1 when an
        outage begins and with -1 when it ends.
        """
        self._deadline_s = deadline_s
        self._storage = storage
        self._longest_queue = longest_queue
        self._queue: deque[Pending[Q, R]] = deque()
        self._committer = _Committer(self._queue, commit, largest_batch)
        self._breaker = _CircuitBreaker(storage, on_outage)

    def join(self, batch: list[Pending[Q, R]]) -> None:
        """Add requests that have arrived since the batch began.

        Only the function that commits the batch may call this, in any thread.
        """
        self._committer.fill(batch)

    def call(self, request: Q, *, until: float | None = None) -> R:
        """Submit a request and wait for its result, at most until the deadline.

        A caller that has already waited may set an earlier end, by time.monotonic().
        Raises BackendError: at the deadline, or at once during an outage. Raises
        BackendOverloadedError if the queue is full.
        """
        pending = self._enqueue(request, until)
        self._committer.commit_or_leave()
        return self.result(pending)

    def submit(self, request: Q, *, until: float | None = None) -> Pending[Q, R]:
        """Submit a request without waiting; see result(). Raises as call() does."""
        pending = self._enqueue(request, until)
        self._committer.start()
        return pending

    def _enqueue(self, request: Q, until: float | None) -> Pending[Q, R]:
        answered_before = self._breaker.check()
        if len(self._queue) >= self._longest_queue:
            raise BackendOverloadedError(
                f"too many requests are waiting for {self._storage}; "
                f"allowed: {self._longest_queue}"
            )
        now = time.monotonic()
        pending: Pending[Q, R] = Pending(
            request, now, until or now + self._deadline_s, answered_before
        )
        self._queue.append(pending)
        return pending

    def result(self, pending: Pending[Q, R]) -> R:
        """Wait for the result of a submitted request. Raises as call() does."""
        if not pending.wait():
            # If the caller had little time left, this says little about the storage.
            if pending.until - pending.since > self._deadline_s / 2:
                self._breaker.record_timeout(pending.answered_before, pending.error)
            # A request that was never in a batch does not know the cause.
            raise BackendError(
                f"{self._storage} did not answer within {self._deadline_s:g} s"
            ) from pending.error or self._breaker.cause
        self._breaker.record_answer()
        return pending.result()


class _Committer(Generic[Q, R]):
    """Commits the requests in the queue, one batch at a time.

    Only the leader commits. If there is none, a caller leads until its batch is
    committed or has to pause. If there is more to do then, a thread leads until the
    queue is empty.
    """

    def __init__(
        self, queue: deque[Pending[Q, R]], commit: Commit[Q, R], largest_batch: int
    ) -> None:
        self._queue = queue
        self._commit = commit
        self._largest_batch = largest_batch
        self._leading = threading.Lock()
        self._is_crowded = False
        self._thread = _LingeringThread()
        # The batch that the thread continues first, and the pause before that.
        self._begun: tuple[Pauses, float]

    def commit_or_leave(self) -> None:
        """Commit the queue in this thread, or leave that to the leader."""
        if not self._acquire():
            # The leader looks at the queue before it stops.
            return
        batch = self._commit_one()
        pause: float | None = 0.0
        try:
            if self._is_crowded:
                # Threads that are ready to submit now get into this batch.
                time.sleep(0)
            pause = next(batch, None)
        finally:
            # If this thread is interrupted, another one must go on.
            if pause is not None or self._queue:
                self._hand_on(batch, pause or 0.0)
            else:
                self._stop()

    def start(self) -> None:
        """Let a thread commit the queue, unless there is a leader."""
        if self._acquire():
            self._hand_on(self._commit_one(), 0.0)

    def _acquire(self) -> bool:
        """Become the leader. Return False if there is one."""
        # pylint: disable-next=consider-using-with  # another thread releases it
        return self._leading.acquire(blocking=False)

    def _hand_on(self, begun: Pauses, pause: float) -> None:
        """Let a thread lead, which continues this batch after a pause."""
        self._begun = begun, pause
        try:
            self._thread.call(self._lead)
        except RuntimeError as error:
            # The batch fails with this error, unless it is already committed.
            with suppress(RuntimeError, StopIteration):
                begun.throw(error)
            while self._queue:
                self._queue.popleft().fail(error)
            self._stop()

    def _lead(self) -> None:
        """Commit the queue until it is empty."""
        begun, pause = self._begun
        try:
            time.sleep(pause)
            _finish(begun)
            # As above.
            time.sleep(0)
            while self._queue:
                _finish(self._commit_one())
                time.sleep(0)
        finally:
            self._stop()

    def _stop(self) -> None:
        """Lead no longer."""
        self._leading.release()
        # The caller of a request that has arrived since the last look found a leader.
        if self._queue:
            self.start()

    def _commit_one(self) -> Pauses:
        """Commit one batch, and yield its pauses."""
        batch: list[Pending[Q, R]] = []
        self.fill(batch)
        self._is_crowded = len(batch) > 1
        if not batch:
            return
        try:
            yield from self._commit(batch)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Any error reaches the callers, and the next batch is still committed.
            for pending in batch:
                pending.fail(error)
        except BaseException:
            for pending in batch:
                pending.fail(BackendError("the request was interrupted"))
            raise

    def fill(self, batch: list[Pending[Q, R]]) -> None:
        """Move requests from the queue to a batch."""
        now = time.monotonic()
        while self._queue and len(batch) < self._largest_batch:
            pending = self._queue.popleft()
            # The callers of the others have stopped waiting and have raised an error.
            if pending.until > now:
                batch.append(pending)


def _finish(batch: Pauses) -> None:
    for pause in batch:
        time.sleep(pause)


class _LingeringThread:
    """Calls the same function in a thread, again and again.

    The thread lingers for a moment, because starting a new one costs as much as half
    a batch. The function is no attribute: a circle of references would keep the
    connections of a backend open that nobody uses any more.
    """

    def __init__(self) -> None:
        self._lingering: list[threading.Event] = []

    def call(self, function: Callable[[], None]) -> None:
        """Call the function. Raises RuntimeError if no thread can be started."""
        try:
            called = self._lingering.pop()
        except IndexError:
            threading.Thread(target=self._serve, args=(function,), daemon=True).start()
        else:
            called.set()

    def _serve(self, function: Callable[[], None]) -> None:
        function()
        while self._is_called_again():
            function()

    def _is_called_again(self) -> bool:
        """Wait a moment for a call. Return whether there is one."""
        called = threading.Event()
        self._lingering.append(called)
        if called.wait(_LINGER_S):
            return True
        try:
            self._lingering.remove(called)
        except ValueError:
            # call() has just chosen this thread.
            return True
        return False


class _CircuitBreaker:
    """Rejects requests during an outage, except one probe per second."""

    def __init__(self, storage: str, on_outage: Callable[[int], None]) -> None:
        self._storage = storage
        self._on_outage = on_outage
        self._answered = 0
        self._is_open = False
        self._next_probe = 0.0
        self.cause: BaseException | None = None
        """Why the outage began or goes on, if that is known."""

    def check(self) -> int:
        """Let a request pass. Return the number of requests answered so far.

        Raises BackendError if the breaker is open and no probe is due.
        """
        if not self._is_open:
            return self._answered
        now = time.monotonic()
        if now < self._next_probe:
            raise BackendError(
                f"{self._storage} has stopped answering; the tracker tries again every "
                "second"
            ) from self.cause
        self._next_probe = now + _PROBE_EVERY_S
        return self._answered

    def record_timeout(self, answered_before: int, cause: BaseException | None) -> None:
        """Open the breaker, unless other requests were answered in the meantime."""
        if self._answered != answered_before:
            return
        self.cause = cause or self.cause
        self._next_probe = time.monotonic() + _PROBE_EVERY_S
        self._set_open(True)

    def record_answer(self) -> None:
        """Close the breaker."""
        self._answered += 1
        if self._is_open:
            self.cause = None
            self._set_open(False)

    def _set_open(self, is_open: bool) -> None:
        # When several threads do this at once, only one of them reports a change.
        before, self._is_open = self._is_open, is_open
        self._on_outage(is_open - before)
