"""Many changes in short transactions, between which views are counted."""

import time
from collections.abc import Callable
from typing import TypeVar

import apsw

from page_tracker.backends.sqlite.database import Database

R = TypeVar("R")

# With the default of 2 MB, SQLite writes each part of the file many times.
_CACHE_KB = 64 * 1024


class Steps:
    """Changes in short transactions, with pauses in which views are counted."""

    _TARGET_S = 0.008
    _FEWEST_ROWS, _MOST_ROWS = 250, 4_000
    _LONGEST_PAUSE_S = 0.1
    # In parts of 4 KB. Moving so much of the log takes a few milliseconds. Views need
    # not do it as long as the log is shorter than 1 000 of these.
    _LOG_TO_MOVE = 500
    # If other processes always write at the same time, the log does not begin again by
    # itself.
    _LOG_TO_EMPTY = 8_000

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log_pages = 0
        self.rows = 1_000
        """How many rows the next step should have."""

    def prepare(self, connection: apsw.Connection) -> None:
        """Prepare the connection."""
        connection.pragma("cache_size", -_CACHE_KB)
        # This replaces the checkpoint that SQLite would make while views wait.
        connection.set_wal_hook(self._committed)

    def wait_for_disk(self, waits: bool) -> None:
        """Say whether each step waits until it is on the disk, which makes views wait.

        Otherwise, a loss of power may undo the last steps, and nothing else: the next
        view, or a part of the log that is moved, brings the steps before it to the
        disk (sqlite.org/pragma.html, synchronous). Raises BackendError.
        """
        mode = "FULL" if waits else "NORMAL"
        self._database.use(lambda connection: connection.pragma("synchronous", mode))

    def take(self, change: Callable[[apsw.Connection], R]) -> R:
        """Make a change, and return its result. Raises BackendError."""
        begun = time.monotonic()

        def timed(connection: apsw.Connection) -> R:
            nonlocal begun
            # The wait for the lock is over.
            begun = time.monotonic()
            return change(connection)

        result = self._database.change(timed)
        took = time.monotonic() - begun
        fitting = round(self.rows * self._TARGET_S / took)
        self.rows = min(
            max(fitting, self.rows // 2, self._FEWEST_ROWS),
            *(self.rows + self.rows // 4, self._MOST_ROWS),
        )
        if self._log_pages >= self._LOG_TO_EMPTY:
            self._database.empty_log()
        elif self._log_pages >= self._LOG_TO_MOVE:
            self._database.move_log()
        time.sleep(min(took, self._LONGEST_PAUSE_S))
        return result

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK
