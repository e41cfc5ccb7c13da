"""Checks before a server starts: the folder, the file system and the library."""

import os
import stat
from contextlib import suppress
from errno import EACCES, EROFS
from pathlib import Path

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import check_library
from page_tracker.backends.sqlite.file_system import check_file_system, is_read_only
from page_tracker.backends.sqlite.files import all_files, create_once
from page_tracker.backends.sqlite.url import ALLOWED


def prepare(path: Path, data_folder: Path | None) -> None:
    """Create the file if it is missing, and check that this process can use it.

    Creates the folder if it is the data folder, where files are stored by default.
    Raises BackendError, which says what to do.
    """
    folder = path.parent
    try:
        if _is_same(folder, data_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    check(path)
    # If this fails, for example because the disk is full, views report it.
    with suppress(OSError):
        create_once(path)


def check(path: Path, data_folder: Path | None = None) -> None:
    """Check that this process can write the file and others beside it.

    The data folder may be missing, but then this process must be able to create it.
    Raises BackendError, which says what to do.
    """
    check_library()
    folder = path.parent
    try:
        if _is_same(folder, data_folder) and not os.path.exists(folder):
            if not os.access(_nearest(folder), os.W_OK | os.X_OK):
                raise PermissionError(EACCES, "the permission is missing", str(folder))
        else:
            _check_files(path)
    except OSError as error:
        raise _cannot_write(Path(error.filename), error) from None
    check_file_system(path)


def _is_same(folder: Path, data_folder: Path | None) -> bool:
    # The paths of files are resolved. A home folder may be a symbolic link.
    return data_folder is not None and folder == data_folder.resolve()


def _check_files(path: Path) -> None:
    """Check the folder, and those files that exist. Raises OSError."""
    folder = path.parent
    # Fails if the folder is missing.
    if not stat.S_ISDIR(folder.stat().st_mode):
        raise NotADirectoryError(0, "it is not a folder", str(folder))
    _check_access(folder, os.R_OK | os.W_OK | os.X_OK)
    for file in all_files(path):
        # Fails if the name is too long.
        if not file.exists():
            continue
        if not file.is_file():
            raise FileExistsError(0, "it is not a file", str(file))
        _check_access(file, os.R_OK | os.W_OK)


def _check_access(path: Path, mode: int) -> None:
    """Raise OSError unless this process has access to an existing file or folder."""
    if os.access(path, mode):
        return
    if is_read_only(path):
        raise OSError(EROFS, "the file system is read-only", str(path))
    raise PermissionError(EACCES, "the permission is missing", str(path))


def _cannot_write(path: Path, error: OSError) -> BackendError:
    if not isinstance(error, PermissionError):
        return BackendError(
            f"cannot write to {path}: {error.strerror}; allowed: {ALLOWED}"
        )
    user, nearest = os.geteuid(), _nearest(path)
    if nearest == path:
        what = "the permission"
        advice = f"let the user {user} write to it, such as with chown {user} {path}"
    else:
        what = f"the permission for {nearest}"
        advice = f"create {path} so that the user {user} can write to it"
    return BackendError(
        f"cannot write to {path}: {what} is missing; allowed: start this as the user "
        f"who owns it, {advice}, or name another file in PAGE_TRACKER_BACKEND"
    )


def _nearest(path: Path) -> Path:
    """Return the path, or the nearest folder above it that this process can see."""
    return next(each for each in (path, *path.parents) if os.path.exists(each))
