"""The lock that processes of the tracker hold while they change the counts."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from page_tracker.backends.sqlite.files import open_or_create


class WriterLock:
    """A lock on a file beside the counts, in whose queue all writers wait.

    SQLite itself waits in sleeps of up to 0.1 s, so an unlucky process may wait for
    seconds. The kernel has a queue, and releases the lock of a killed process. A holder
    may acquire the lock again.
    """

    def __init__(self, path: Path) -> None:
        """Prepare to lock the counts in this file."""
        self._path = path.with_name(f"{path.name}-lock")
        self._file = -1
        self._held = 0

    def __enter__(self) -> Self:
        """Wait for the lock. Raises OSError."""
        if self._file < 0:
            self._file = open_or_create(self._path)
        if not self._held:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._held += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._held -= 1
        if not self._held:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file of a lock that is not held. It opens again when needed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()
