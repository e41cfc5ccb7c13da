"""The queues of requests in one process, each with a connection of its own."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import apsw

from page_tracker.backends.group_commit import GroupCommit, Pending, in_thread
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import Database, Query
from page_tracker.backends.sqlite.health import SqliteHealth
from page_tracker.backends.sqlite.reading import TallyRequest, tallies
from page_tracker.backends.sqlite.recording import Outcome, record
from page_tracker.counting.model import Limits, Tally, View
from page_tracker.operations.metrics import Metrics

_STORAGE = "the disk"

# Changing many rows may take long. Views do not wait in this queue.
_LONG_DEADLINE_S = 60.0

_PendingView = Pending[View, Tally]


class Queues:
    """Queues for views, for tallies, and for what the owner reads and changes.

    A request waits only for others in the same queue.
    """

    def __init__(
        self,
        path: Path,
        health: SqliteHealth,
        *,
        deadline_s: float,
        limits: Limits,
        metrics: Metrics,
    ) -> None:
        """Prepare to use this file, and to report commits of views to its health."""
        for_views, for_tallies, for_queries, for_changes = (
            # Views that wait for another program fail for this reason, and not because
            # of their deadline.
            Database(path, busy_s=0.9 * deadline_s)
            for _ in range(4)
        )
        self._limits = limits
        self._metrics = metrics
        self._health = health
        self.counting: GroupCommit[View, Tally] = GroupCommit(
            in_thread(partial(self._record, for_views)),
            deadline_s=deadline_s,
            storage=_STORAGE,
            on_outage=metrics.breakers_opened,
        )
        self.tallying: GroupCommit[TallyRequest, Tally] = GroupCommit(
            in_thread(partial(_read_tallies, for_tallies)),
            deadline_s=deadline_s,
            storage=_STORAGE,
        )
        self.reading = _queue(for_queries.read, deadline_s)
        self.changing = _queue(for_changes.change, max(deadline_s, _LONG_DEADLINE_S))

    def _record(self, database: Database, batch: list[_PendingView]) -> None:
        def change(connection: apsw.Connection) -> list[tuple[_PendingView, Outcome]]:
            # During the wait for the lock, more views have arrived. The callers of some
            # have stopped waiting, and have raised an error.
            self.counting.join(batch)
            now = monotonic()
            waiting = [pending for pending in batch if pending.until > now]
            views = [pending.request for pending in waiting]
            return list(zip(waiting, record(connection, views, self._limits)))

        begun = monotonic()
        try:
            outcomes = database.change(change)
        except BackendError as error:
            self._health.commit_failed(error)
            raise
        finally:
            self._metrics.sent(len(batch))
            self._metrics.committed(monotonic() - begun)
        for pending, outcome in outcomes:
            if isinstance(outcome, BackendError):
                pending.fail(outcome)
            else:
                pending.succeed(outcome)


def _read_tallies(
    database: Database, batch: Sequence[Pending[TallyRequest, Tally]]
) -> None:
    requests = [pending.request for pending in batch]
    found = database.read(partial(tallies, requests=requests))
    for pending, tally in zip(batch, found, strict=True):
        pending.succeed(tally)


def _queue(
    run: Callable[[Query[Any]], Any], deadline_s: float
) -> GroupCommit[Query[Any], Any]:
    """Return a queue of queries or changes, which run one after another."""

    def commit(batch: Sequence[Pending[Query[Any], Any]]) -> None:
        for pending in batch:
            pending.succeed(run(pending.request))

    # In a larger batch, queries would run whose callers have stopped waiting.
    return GroupCommit(
        in_thread(commit), deadline_s=deadline_s, storage=_STORAGE, largest_batch=1
    )
