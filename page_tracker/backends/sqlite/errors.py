"""Errors of SQLite and of the operating system, and what to do about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.files import MOVED

FULL = "the disk is full; free some space on it"
"""The error text for a full disk."""

_CANNOT_OPEN = (
    "the file of the counts cannot be opened; make it and its folder writable for the "
    "user of the tracker"
)

_ADVICE: dict[type[Exception], str] = {
    apsw.FullError: FULL,
    # The tracker does not start if the folder is missing, so the folder was moved.
    FileNotFoundError: MOVED,
    PermissionError: _CANNOT_OPEN,
    apsw.ReadOnlyError: (
        "the file of the counts is read-only; make it and its folder writable for the "
        "user of the tracker"
    ),
    apsw.CantOpenError: _CANNOT_OPEN,
    apsw.NotADBError: (
        "the file of the counts is not a SQLite database; move it away, or name "
        "another file"
    ),
    apsw.CorruptError: (
        "the file of the counts is damaged; stop the tracker and restore a backup"
    ),
    apsw.BusyError: "another program has locked the file of the counts; stop it",
    apsw.IOError: (
        "the disk of the counts fails to read or write; see the log of the system"
    ),
}


def explained(error: Exception) -> BackendError:
    """Return an error that says what to do, with this error as its cause.

    Its text contains no path, because everybody may read it.
    """
    texts = (text for kind, text in _ADVICE.items() if isinstance(error, kind))
    advice = next(texts, "the file of the counts cannot be used")
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        advice = FULL
    failed = BackendError(advice)
    failed.__cause__ = error
    return failed


@contextmanager
def explaining() -> Iterator[None]:
    """Turn errors of SQLite and of the operating system into BackendErrors."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise explained(error) from error
