"""Numbers that several processes change at once, each in a column of its own.

The columns are in memory that they share, and read by all: so the sums are right, and
to change a number costs 0.1 µs. prometheus_client does so in files, for 2 to 4 µs.
"""

import os
from mmap import mmap
from typing import TypeAlias
from weakref import WeakMethod

# Four times the most workers that can be asked for; a reload has twice as many. What
# nobody has used takes no memory.
_COLUMNS = 4096
ALIVE = 0
"""The cell of each column that is 1 while its process lives, and then 0."""

# Cells of the first column, which is nobody's.
_USED, _WITHOUT = 0, 1

# Quoted, since to Python itself it is not generic before 3.14.
_Cells: TypeAlias = "memoryview[float]"


class SharedCounters:
    """A column of numbers for each worker process that another one forks.

    Who is no worker has a column, too, but in memory of its own.
    """

    cells: _Cells
    """The column of this process."""

    def __init__(self, width: int, gauges: tuple[int, ...]) -> None:
        """Prepare columns of so many cells; these are 0 when the process has ended."""
        self._width = width
        self._gauges = (ALIVE, *gauges)
        self._shared: _Cells | None = None
        self._given: dict[int, int] = {}
        self._begin()
        begin_anew = WeakMethod(self._begin)
        # A child that nobody gives a column must not write into that of its parent.
        os.register_at_fork(
            after_in_child=lambda: (method := begin_anew()) and method()
        )

    def _begin(self) -> None:
        self.cells = memoryview(bytearray(self._width * 8)).cast("d")
        self.cells[ALIVE] = 1
        self._taken = False

    def give(self, worker: int) -> None:
        """Set a column apart for a worker, in the process that is about to fork it."""
        if self._shared is None:
            self._shared = memoryview(mmap(-1, _COLUMNS * self._width * 8)).cast("d")
        taken = self._given.values()
        free = next((n for n in range(1, _COLUMNS) if n not in taken), None)
        if free is None:
            self._shared[_WITHOUT] += 1
            return
        self._given[worker] = free
        self._shared[_USED] = max(self._shared[_USED], free)

    def take(self, worker: int) -> None:
        """Go on in the column that was set apart, in the worker."""
        if self._shared is not None and worker in self._given:
            self.cells = self._column(self._shared, self._given[worker])
            self.cells[ALIVE] = 1
            self._taken = True

    def free(self, worker: int) -> None:
        """Leave the column of a worker that has ended to a later one.

        What it has counted stays: what others have read must never go down.
        """
        if self._shared is not None and worker in self._given:
            column = self._column(self._shared, self._given.pop(worker))
            for gauge in self._gauges:
                column[gauge] = 0

    @property
    def complete(self) -> bool:
        """Whether all workers that there are beside this one are in the sums."""
        return self._taken and self._shared is not None and not self._shared[_WITHOUT]

    def sums(self) -> list[float]:
        """Sum up the columns of all workers, also of those that have ended."""
        if self._shared is None or not self._taken:
            return list(self.cells)
        used = range(1, int(self._shared[_USED]) + 1)
        columns = (self._column(self._shared, n) for n in used)
        return [sum(cells) for cells in zip(*columns)]

    def _column(self, shared: _Cells, number: int) -> _Cells:
        return shared[number * self._width : (number + 1) * self._width]
