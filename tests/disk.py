"""A tracker with a faulty disk: `python -m tests.disk`, with the tracker's options.

The disk is slow, is full, fails, or loses what was not synced, as the variables below
say.
"""

import fcntl
import os
import random
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from page_tracker.cli.main import main

SYNC_S = "TEST_DISK_SYNC_S"
"""How long each sync takes, in seconds."""

ERROR = "TEST_DISK_ERROR"
"""While this file exists, each write raises the error of apsw that it names."""

COPY = "TEST_DISK_COPY"
"""A folder with the files as they would be after a loss of power."""

# In a worker, gevent replaces this function by one that does not block.
_sleep = time.sleep

# The first one is the default, until Disk becomes that.
_DEFAULT = apsw.vfs_names()[0]

_RANGE = struct.Struct("qq")
_TRUNCATED = -1


class Disk(apsw.VFS):
    """The default file system of SQLite, with faults."""

    def __init__(self) -> None:
        super().__init__("disk", _DEFAULT, makedefault=True)

    def xOpen(  # pylint: disable=invalid-name  # the name in SQLite
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "File":
        return File(name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        # pylint: disable=invalid-name  # the name in SQLite
        super().xDelete(filename, syncdir)
        if copy := Copy.of(filename):
            copy.delete()


class File(apsw.VFSFile):
    """A file on the disk."""

    # pylint: disable=invalid-name  # the names in SQLite

    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(_DEFAULT, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._copy = Copy.of(path) if path else None

    def xWrite(self, data: Any, offset: int) -> None:
        _fail()
        super().xWrite(data, offset)
        if self._copy:
            self._copy.write(data, offset)

    def xTruncate(self, newsize: int) -> None:
        _fail()
        super().xTruncate(newsize)
        if self._copy:
            self._copy.truncate(newsize)

    def xSync(self, flags: int) -> None:
        _sleep(float(os.environ.get(SYNC_S, "0")))
        super().xSync(flags)
        if self._copy:
            self._copy.sync(self.xRead)


def _fail() -> None:
    flag = Path(os.environ.get(ERROR, ""))
    if flag.is_file():
        raise getattr(apsw, flag.read_text("utf-8"))("on purpose")


class Copy:
    """What is left of a file after a loss of power.

    What any process has written is sure to be there after any process has synced the
    file. Before, it may be there or not.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._copy = folder / name
        # The ranges that were written and not synced, and truncations.
        self._unsynced = folder / f"{name}.unsynced"

    @classmethod
    def of(cls, path: str) -> "Copy | None":
        """Return the copy of a file, or None if the disk loses nothing."""
        folder = os.environ.get(COPY)
        return cls(Path(path).name, Path(folder)) if folder else None

    def write(self, data: bytes, offset: int) -> None:
        """Write to the file."""
        with self._locked() as unsynced:
            os.write(unsynced, _RANGE.pack(offset, len(data)))
            if random.random() < 0.5:
                self._write(data, offset)

    def truncate(self, size: int) -> None:
        """Truncate the file."""
        with self._locked() as unsynced:
            os.write(unsynced, _RANGE.pack(size, _TRUNCATED))

    def sync(self, read: Callable[[int, int], bytes]) -> None:
        """Make sure that all written data is there.

        To open the file here and to close it would release the locks of SQLite.
        """
        with self._locked() as unsynced:
            ranges = os.pread(unsynced, os.fstat(unsynced).st_size, 0)
            for offset, size in _RANGE.iter_unpack(ranges):
                if size == _TRUNCATED:
                    self._write(b"", 0)
                    os.truncate(self._copy, offset)
                else:
                    self._write(read(size, offset), offset)
            os.truncate(unsynced, 0)

    def delete(self) -> None:
        """Delete the file."""
        with self._locked() as unsynced:
            self._copy.unlink(missing_ok=True)
            os.truncate(unsynced, 0)

    def _write(self, data: bytes, offset: int) -> None:
        copy = os.open(self._copy, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(copy, data, offset)
        os.close(copy)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        opened = os.open(self._unsynced, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield opened
        finally:
            os.close(opened)


if __name__ == "__main__":
    # If nothing refers to it, apsw removes it.
    disk = Disk()
    main()
