"""Checks before a server starts: the folder, the file system and the library."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import check_library
from page_tracker.backends.sqlite.file_system import check_file_system
from page_tracker.backends.sqlite.files import all_files, create_once


def prepare(path: Path, data_folder: Path) -> None:
    """Create the file if it is missing, and check that this process can use it.

    Creates the folder if it is the data folder, where files are stored by default.
    Raises BackendError, which says what to do.
    """
    folder = path.parent
    try:
        if folder == data_folder:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error.strerror) from None
    check(path)
    # If this fails, for example because the disk is full, views report it.
    with suppress(OSError):
        create_once(path)


def check(path: Path) -> None:
    """Check that this process can write the file and others beside it.

    Raises BackendError, which says what to do.
    """
    check_library()
    folder = path.parent
    try:
        is_folder = S_ISDIR(folder.stat().st_mode)
    except OSError as error:
        raise _cannot_write(folder, error.strerror) from None
    if not is_folder:
        raise _cannot_write(folder, "it is not a folder")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _cannot_write(folder, "the permission is missing")
    for file in all_files(path):
        if file.is_dir():
            raise _cannot_write(file, "it is a folder")
        if file.exists() and not os.access(file, os.R_OK | os.W_OK):
            raise _cannot_write(file, "the permission is missing")
    check_file_system(path)


def _cannot_write(path: Path, reason: str | None) -> BackendError:
    return BackendError(
        f"cannot write to {path}: {reason}; allowed: a folder that the user "
        f"{os.geteuid()} can write to, such as after chown {os.geteuid()} {path}, or "
        "another file in PAGE_TRACKER_BACKEND"
    )
