"""The health of the file: whether views can be stored, and how they may be lost."""

import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.shared_check import SharedCheck
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.errors import FULL, explaining
from page_tracker.backends.sqlite.file_system import free_bytes, type_of
from page_tracker.backends.sqlite.schema import VERSION
from page_tracker.backends.sqlite.threads import run_in_thread

_OK = "ok"

NO_SPACE_BYTES = 256 * 2**10
"""With less free space than this, a batch of views may not fit."""

LITTLE_SPACE_BYTES = 100 * 2**20
"""With less free space than this, there is a warning."""

SLOW_COMMIT_MS = 500.0
"""If a commit takes longer than this, there is a warning."""


class SqliteHealth:
    """Checks the file with a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Prepare to check the file with this absolute path."""
        self._path = path
        self._database = Database(path)
        self._shared = SharedCheck(self._run_check, storage="the disk")
        self._integrity = "not checked yet"
        self._is_damaged = False

    def check(self) -> Health:
        """Return the health of the file. The outcome is at most 0.5 s old.

        Raises BackendError if views cannot be stored.
        """
        return self._shared.check()

    def commit_failed(self, error: BackendError) -> None:
        """Record why views could not be committed, if the file is damaged.

        The commit of a check may succeed: it writes to another part of the file.
        """
        if isinstance(error.__cause__, apsw.CorruptError):
            self.found_damage(str(error.__cause__))

    def found_damage(self, damage: str | None) -> None:
        """Record the result of find_damage(), which takes too long for each check."""
        self._integrity = damage or _OK
        self._is_damaged = damage is not None

    def _run_check(self) -> Health:
        took_ms = round(time_commit(self._database) * 1000, 3)
        with explaining():
            kind, free = run_in_thread(
                lambda: (type_of(self._path), free_bytes(self._path))
            )
        if free < NO_SPACE_BYTES:
            # The commit above may have reused a part of the write-ahead log.
            raise BackendError(FULL)
        details: dict[str, str | int | float] = {
            "file_system": kind,
            "free_bytes": free,
            "integrity": self._integrity,
            "last_commit_ms": took_ms,
        }
        return Health(tuple(self._warnings(free, took_ms)), details)

    def _warnings(self, free: int, took_ms: float) -> Iterator[str]:
        if free < LITTLE_SPACE_BYTES:
            yield f"only {free / 1e6:.0f} MB are free on the disk of the counts"
        if self._is_damaged:
            yield "the file of the counts is damaged; restore a backup"
        if took_ms > SLOW_COMMIT_MS:
            yield f"a commit took {took_ms} ms: the disk is slow"


def time_commit(database: Database) -> float:
    """Commit a change of nothing. Return its time in seconds. Raises BackendError."""
    begun = time.monotonic()
    # SQLite writes this number even if it is the same.
    database.change(lambda connection: connection.pragma("user_version", VERSION))
    return time.monotonic() - begun


def find_damage(
    connection: apsw.Connection, *, check: str = "quick_check"
) -> str | None:
    """Return a description of damage to the file, or None. Reads the whole file.

    The checks are those of SQLite: quick_check, or the slower integrity_check.
    """
    # 1 is the number of descriptions.
    try:
        found: str = connection.pragma(check, 1)
    except apsw.CorruptError as error:
        return str(error)
    # A first line may only name the database.
    return None if found == _OK else found.splitlines()[-1]
