"""The lock that processes of the tracker hold while they change the counts."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class WriterLock:
    """A lock on a file beside the counts, in whose queue all writers wait.

    SQLite itself waits in sleeps of up to 0.1 s, so an unlucky process may wait
    for seconds. The kernel has a queue, and releases the lock of a killed process. A holder
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

    def __del__(self) -> None:
        # In a child process, this does not release the lock of its parent.
        if self._file >= 0:
            os.close(self._file)


def open_or_create(path: Path) -> int:
    """Open a file, or create one that only its owner may use. Raises OSError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        # The tracker may run as the owner of the folder. SQLite does the same for the
        # files that it creates beside the counts.
        owner = os.stat(path.parent)
        os.fchown(opened, owner.st_uid, owner.st_gid)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Without this, the file could be missing after a loss of power.
        os.fsync(folder)
    finally:
        os.close(folder)
    return opened
