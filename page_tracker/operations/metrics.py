"""Metrics of the tracker, exact across all worker processes of a server."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from page_tracker.counting.model import Ignored
from page_tracker.operations.shared_counters import ALIVE, SharedCounters

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the buckets for durations, in seconds."""

VIEWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""Upper bounds of the buckets for batch sizes, in views."""

STATUSES = (2, 3, 4, 5)
"""First digits of HTTP statuses. An application sends no 1xx status."""

# Indexes in a slot. _IGNORED is the first of several, one for each reason.
_RETRIES, _BREAKERS_OPEN, _IGNORED = range(ALIVE + 1, ALIVE + 4)
# In the block of a route, the first digit of a status is the index of its counter. The
# histogram of durations begins here, after these counters.
_DURATIONS = 6


@dataclass(frozen=True, slots=True)
class Histogram:
    """A cumulative histogram, as Prometheus defines it."""

    counts: Sequence[float]
    """The number of values up to each bound, and last the number of all values."""

    sum: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All metrics at one moment, summed over the worker processes."""

    requests: dict[tuple[str, int], float]
    """The number of requests by route and first digit of the status."""

    request_seconds: dict[str, Histogram]
    batch_views: Histogram
    commit_seconds: Histogram
    retries: float
    ignored: dict[Ignored, float]
    breakers_open: float
    workers: float


class Metrics:
    """Counts events in this process, and sums them up over all worker processes.

    Counters are changed without a lock. CPython 3.11 to 3.13 do not switch threads
    between the read and the write of `+=`, and gevent does not switch greenlets there.
    """

    def __init__(self, routes: Iterable[str] = ()) -> None:
        """Set all counters to 0. Requests are counted for each of these routes."""
        self._ignored = {reason: _IGNORED + n for n, reason in enumerate(Ignored)}
        self._commits = _IGNORED + len(Ignored)
        self._batches = self._commits + len(SECONDS) + 2
        first, size = self._batches + len(VIEWS) + 2, _DURATIONS + len(SECONDS) + 2
        self._routes = {route: first + n * size for n, route in enumerate(routes)}
        self.counters = SharedCounters(
            first + len(self._routes) * size, (_BREAKERS_OPEN,)
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request to a route, and how many seconds it took."""
        # This runs for every request. A call of _observe() would take as long as a
        # change of a counter.
        values, block = self.counters.values, self._routes[route]
        values[block + status // 100] += 1
        values[block + _DURATIONS] += seconds
        values[block + _DURATIONS + 1 + bisect_left(SECONDS, seconds)] += 1

    def ignored(self, reason: Ignored) -> None:
        """Count an ignored view by its reason."""
        self.counters.values[self._ignored[reason]] += 1

    def sent(self, views: int) -> None:
        """Count a batch of views that is sent to the storage, and its size."""
        self._observe(self._batches, VIEWS, views)

    def sent_again(self, batches: int) -> None:
        """Count batches that are sent again."""
        self.counters.values[_RETRIES] += batches

    def committed(self, seconds: float) -> None:
        """Count a commit, and how many seconds it took until it succeeded or failed."""
        self._observe(self._commits, SECONDS, seconds)

    def breakers_opened(self, more: int) -> None:
        """Count a circuit breaker that opens (1) or closes (-1)."""
        self.counters.values[_BREAKERS_OPEN] += more

    def _observe(self, begin: int, bounds: Sequence[float], value: float) -> None:
        values = self.counters.values
        values[begin + 1 + bisect_left(bounds, value)] += 1
        values[begin] += value

    def read(self) -> Snapshot:
        """Return the sums over all workers, including workers that have ended."""
        values = self.counters.sums()

        def histogram(begin: int, bounds: Sequence[float]) -> Histogram:
            buckets = values[begin + 1 : begin + 2 + len(bounds)]
            return Histogram(list(accumulate(buckets)), values[begin])

        return Snapshot(
            requests={
                (route, status): values[block + status]
                for route, block in self._routes.items()
                for status in STATUSES
            },
            request_seconds={
                route: histogram(block + _DURATIONS, SECONDS)
                for route, block in self._routes.items()
            },
            batch_views=histogram(self._batches, VIEWS),
            commit_seconds=histogram(self._commits, SECONDS),
            retries=values[_RETRIES],
            ignored={reason: values[index] for reason, index in self._ignored.items()},
            breakers_open=values[_BREAKERS_OPEN],
            workers=values[ALIVE],
        )
