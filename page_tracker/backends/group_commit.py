"""Group commit: what many ask for at once is done in one step.

While one batch is on its way, the next gathers; nobody waits for company. The idea is
of DeWitt et al., Implementation Techniques for Main Memory Database Systems (1984).
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from page_tracker.backends.protocol import BackendError, BackendOverloadedError

Q = TypeVar("Q")
A = TypeVar("A")

_PROBE_EVERY_S = 1.0
# Longer than it mostly takes for somebody to come, where that matters.
_LINGER_S = 1.0


class Pending(Generic[Q, A]):
    """One who waits: for what, until when, and what came of it."""

    __slots__ = ("question", "since", "until", "heard", "error", "_over", "_answer")

    def __init__(self, question: Q, since: float, until: float, heard: int) -> None:
        self.question = question
        self.since = since
        self.until = until
        """By time.monotonic(); nobody waits any longer then."""
        self.heard = heard
        """How many had been answered when this one came."""
        self.error: Exception | None = None
        """Why there is no answer, or not yet."""
        self._over = Event()
        self._answer: A

    def answer(self, answer: A) -> None:
        """Give the answer."""
        self._answer = answer
        self._over.set()

    def fail(self, error: Exception) -> None:
        """Say that there will be no answer, and why; too late for who has one."""
        if not self._over.is_set():
            self.error = error
            self._over.set()

    def wait(self) -> bool:
        """Wait until it is over, and tell whether it was in time."""
        return self._over.wait(self.until - time.monotonic())

    def result(self) -> A:
        """Return the answer when it is over. Raises BackendError if there is none."""
        if self.error is not None and not hasattr(self, "_answer"):
            if isinstance(self.error, BackendError):
                raise self.error
            raise BackendError("no answer could be had") from self.error
        return self._answer


class GroupCommit(Generic[Q, A]):
    """Gathers what is asked at once into batches, and commits one after the other.

    For threads as well as for greenlets: whose turn it is, threading decides, which
    gevent replaces. A process that was forked needs one of its own.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Pending[Q, A]]], None],
        *,
        deadline_s: float,
        largest_batch: int = 256,
        longest_queue: int = 1024,
    ) -> None:
        """Commit by this function, which answers or fails each in time if it can."""
        self._deadline_s = deadline_s
        self._longest_queue = longest_queue
        self._queue: deque[Pending[Q, A]] = deque()
        self._committer = _Committer(self._queue, commit, largest_batch)
        self._breaker = _Breaker()

    def ask(self, question: Q, *, until: float | None = None) -> A:
        """Wait for the answer to this question, but no longer than the deadline.

        Who has waited before may set an earlier end, by time.monotonic(). Raises
        BackendError, at once if nothing was answered in time lately, and
        BackendOverloadedError if too many wait already.
        """
        return self.result(self.put(question, until=until))

    def put(self, question: Q, *, until: float | None = None) -> Pending[Q, A]:
        """Ask, and go on without the answer: see result(). Raises what ask() does."""
        heard = self._breaker.check()
        if len(self._queue) >= self._longest_queue:
            raise BackendOverloadedError(
                f"too many wait for Redis; allowed: {self._longest_queue}"
            )
        now = time.monotonic()
        pending: Pending[Q, A] = Pending(
            question, now, until or now + self._deadline_s, heard
        )
        self._queue.append(pending)
        self._committer.wake()
        return pending

    def result(self, pending: Pending[Q, A]) -> A:
        """Wait for the answer to a question that was put. Raises what ask() does."""
        if not pending.wait():
            # Who had little time left, has learnt little.
            if pending.until - pending.since > self._deadline_s / 2:
                self._breaker.open(pending.heard, pending.error)
            raise BackendError(
                f"Redis has not answered within {self._deadline_s:g} s"
            ) from pending.error
        self._breaker.close()
        return pending.result()


class _Committer(Generic[Q, A]):
    """One thread that commits what is in the queue, while there is something.

    It stays a little longer, since to start another costs as much as half a batch.
    """

    def __init__(
        self,
        queue: deque[Pending[Q, A]],
        commit: Callable[[Sequence[Pending[Q, A]]], None],
        largest_batch: int,
    ) -> None:
        self._queue = queue
        self._commit = commit
        self._largest_batch = largest_batch
        self._running = Lock()
        self._idle = False
        self._awake = Event()

    def wake(self) -> None:
        """Have committed, or failed, what is in the queue."""
        if self._idle:
            self._awake.set()
        elif self._starts():
            try:
                Thread(target=self._run, daemon=True).start()
            except RuntimeError as error:
                self._running.release()
                for pending in self._next_batch(len(self._queue)):
                    pending.fail(error)

    def _starts(self) -> bool:
        """Tell whether it is up to the caller to run: there is nobody else."""
        # pylint: disable-next=consider-using-with  # another thread releases it
        return self._running.acquire(blocking=False)

    def _run(self) -> None:
        while True:
            try:
                while self._somebody_comes():
                    if batch := self._next_batch(self._largest_batch):
                        self._commit_one(batch)
            finally:
                self._running.release()
            # Whoever came between the last look and the release has woken nobody.
            if not self._queue or not self._starts():
                return

    def _somebody_comes(self) -> bool:
        """Wait for somebody, but not for long."""
        # Whoever is ready to ask comes into this batch instead of the next.
        time.sleep(0)
        if not self._queue:
            self._idle = True
            # Looked at again: who came before that has woken nobody.
            if not self._queue:
                self._awake.wait(_LINGER_S)
            self._idle = False
            self._awake.clear()
        return bool(self._queue)

    def _next_batch(self, most: int) -> list[Pending[Q, A]]:
        batch: list[Pending[Q, A]] = []
        now = time.monotonic()
        while self._queue and len(batch) < most:
            pending = self._queue.popleft()
            # The others have been told that they failed: they need not be counted.
            if pending.until > now:
                batch.append(pending)
        return batch

    def _commit_one(self, batch: list[Pending[Q, A]]) -> None:
        try:
            self._commit(batch)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever it was, those who wait are told, and the next batch has its turn.
            for pending in batch:
                pending.fail(error)


class _Breaker:
    """Lets all pass; while there is an outage, one each second, to find its end."""

    def __init__(self) -> None:
        self._answered = 0
        self._is_open = False
        self._next_probe = 0.0
        self._cause: BaseException | None = None

    def check(self) -> int:
        """Return how much was answered so far, if it may be tried.

        Raises BackendError.
        """
        if not self._is_open:
            return self._answered
        now = time.monotonic()
        if now < self._next_probe:
            raise BackendError(
                "Redis has stopped answering; it is tried again each second"
            ) from self._cause
        self._next_probe = now + _PROBE_EVERY_S
        return self._answered

    def open(self, answered_before: int, cause: BaseException | None) -> None:
        """Take note of who got no answer: an outage, unless others got theirs since."""
        if self._answered != answered_before:
            return
        self._cause = cause
        self._next_probe = time.monotonic() + _PROBE_EVERY_S
        self._is_open = True

    def close(self) -> None:
        """Take note of an answer."""
        self._answered += 1
        self._is_open = False
