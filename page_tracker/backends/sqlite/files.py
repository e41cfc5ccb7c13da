"""The files of the counts: how they are created, and which one is in use."""

import os
from pathlib import Path

from page_tracker.backends.protocol import BackendError

BESIDE = ("-lock", "-wal", "-shm")
"""SQLite and the tracker keep files with these endings beside the file."""

MOVED = (
    "the file of the counts was moved, deleted or replaced while the tracker used it; "
    "put it back, or restart the tracker"
)
"""The error text for a file that is no longer in its place."""

# The device and the inode of each file in use. Workers inherit them from the master.
_in_use: dict[Path, tuple[int, int]] = {}


def all_files(path: Path) -> list[Path]:
    """Return the file of the counts, and those that are kept beside it."""
    return [path.with_name(path.name + ending) for ending in ("", *BESIDE)]


def is_one_of(file: Path, path: Path) -> bool:
    """Return whether a file is that of the counts, or one that is kept beside it."""
    return file.resolve() in all_files(path.resolve())


def create_once(path: Path) -> None:
    """Create the file of the counts if it is missing when this is first called.

    If the file has later been moved, deleted or replaced, this raises BackendError.
    Other processes may still use the old file, and SQLite would mix its write-ahead log
    with the new file (sqlite.org/howtocorrupt.html, 2.4). Raises OSError.
    """
    if path not in _in_use:
        if not path.exists():
            # It stays open. Closing it would release the locks of all connections of
            # this process (sqlite.org/howtocorrupt.html, 2.2).
            open_or_create(path)
        _in_use[path] = _identity(path)
        return
    if not is_in_place(path):
        raise BackendError(MOVED)


def is_in_place(path: Path) -> bool:
    """Return whether this is still the file in use. Raises OSError."""
    try:
        return _identity(path) == _in_use.get(path)
    except FileNotFoundError:
        return False


def _identity(path: Path) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


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
    sync_folder(path)
    return opened


def sync_folder(path: Path) -> None:
    """Write the name of a file to the disk, so that it survives a loss of power.

    Raises OSError.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
