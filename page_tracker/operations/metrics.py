"""Numbers on what the tracker does, right across all worker processes of a server."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from page_tracker.counting.model import Ignored
from page_tracker.operations.shared_counters import ALIVE, SharedCounters

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
VIEWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
STATUSES = (2, 3, 4, 5)
"""First digits of statuses; an application sends no others."""

# The first cells of a column. What begins with the last of them goes on.
_RETRIES, _BREAKERS_OPEN, _IGNORED = range(ALIVE + 1, ALIVE + 4)
# In the row of a route: behind those that the first digit of a status leads to.
_TIMES = 6


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often something was how large."""

    counts: Sequence[float]
    """How many were at most as large as each bound, and how many there were in all."""

    sum: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What there is to tell at one moment, of all worker processes together."""

    requests: dict[tuple[str, int], float]
    """By route, and by the first digit of the status."""

    request_seconds: dict[str, Histogram]
    batch_views: Histogram
    commit_seconds: Histogram
    retries: float
    ignored: dict[Ignored, float]
    breakers_open: float
    workers: float


class Metrics:
    """Counts what happens in this process, and sums up what happens in all.

    A cell is changed without a lock: between reading and writing it, CPython 3.11 to
    3.13 let no other thread run, and gevent no other greenlet.
    """

    def __init__(self, routes: Iterable[str] = ()) -> None:
        """Prepare to count requests by these routes."""
        self._ignored = {reason: _IGNORED + n for n, reason in enumerate(Ignored)}
        self._commits = _IGNORED + len(Ignored)
        self._batches = self._commits + len(SECONDS) + 2
        rows, row = self._batches + len(VIEWS) + 2, _TIMES + len(SECONDS) + 2
        self._routes = {route: rows + n * row for n, route in enumerate(routes)}
        self.columns = SharedCounters(rows + len(self._routes) * row, (_BREAKERS_OPEN,))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Take note of a request that was answered, at one of the routes."""
        # Each request comes by: a call of _observe() would cost as much as a cell.
        cells, row = self.columns.cells, self._routes[route]
        cells[row + status // 100] += 1
        cells[row + _TIMES] += seconds
        cells[row + _TIMES + 1 + bisect_left(SECONDS, seconds)] += 1

    def ignored(self, reason: Ignored) -> None:
        """Take note of a view that was ignored."""
        self.columns.cells[self._ignored[reason]] += 1

    def sent(self, views: int) -> None:
        """Take note of a batch of views on its way to the backend."""
        self._observe(self._batches, VIEWS, views)

    def sent_again(self, batches: int) -> None:
        """Take note of batches that must be sent once more."""
        self.columns.cells[_RETRIES] += batches

    def committed(self, seconds: float) -> None:
        """Take note of how long all took that was sent at once, until it was over."""
        self._observe(self._commits, SECONDS, seconds)

    def breakers_opened(self, more: int) -> None:
        """Take note of an outage that begins, with 1, or ends, with -1."""
        self.columns.cells[_BREAKERS_OPEN] += more

    def _observe(self, begin: int, bounds: Sequence[float], value: float) -> None:
        cells = self.columns.cells
        cells[begin + 1 + bisect_left(bounds, value)] += 1
        cells[begin] += value

    def read(self) -> Numbers:
        """Sum up the columns of all workers, also of those that have ended."""
        cells = self.columns.sums()

        def histogram(begin: int, bounds: Sequence[float]) -> Histogram:
            buckets = cells[begin + 1 : begin + 2 + len(bounds)]
            return Histogram(list(accumulate(buckets)), cells[begin])

        return Numbers(
            requests={
                (route, status): cells[row + status]
                for route, row in self._routes.items()
                for status in STATUSES
            },
            request_seconds={
                route: histogram(row + _TIMES, SECONDS)
                for route, row in self._routes.items()
            },
            batch_views=histogram(self._batches, VIEWS),
            commit_seconds=histogram(self._commits, SECONDS),
            retries=cells[_RETRIES],
            ignored={reason: cells[place] for reason, place in self._ignored.items()},
            breakers_open=cells[_BREAKERS_OPEN],
            workers=cells[ALIVE],
        )
