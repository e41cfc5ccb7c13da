"""The health of the file: whether views can be stored, and how they may be lost."""

import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.shared_check import SharedCheck
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.errors import explaining
from page_tracker.backends.sqlite.file_system import free_bytes, type_of
from page_tracker.backends.sqlite.schema import VERSION

_OK = "ok"

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
        self._last_commit_ms: float | None = None
        self._integrity = "not checked yet"
        self._is_damaged = False

    def check(self) -> Health:
        """Return the health of the file. The outcome is at most 0.5 s old.

        Raises BackendError if views cannot be stored.
        """
        return self._shared.check()

    def committed(self, seconds: float) -> None:
        """Record that views were committed within this time."""
        self._last_commit_ms = round(seconds * 1000, 3)

    def commit_failed(self, error: BackendError) -> None:
        """Record that views could not be committed. The next check tries to."""
        self._last_commit_ms = None
        # The next check may succeed, because the damage is in another part of the file.
        if isinstance(error.__cause__, apsw.CorruptError):
            self.found_damage(str(error.__cause__))

    def found_damage(self, damage: str | None) -> None:
        """Record the result of find_damage(), which takes too long for each check."""
        self._integrity = damage or _OK
        self._is_damaged = damage is not None

    def _run_check(self) -> Health:
        with explaining():
            free = free_bytes(self._path)
        # Another process may have found that the disk is full.
        if self._last_commit_ms is None or free < LITTLE_SPACE_BYTES:
            self.committed(time_commit(self._database))
        else:
            self._database.read(lambda connection: connection.pragma("user_version"))
        details: dict[str, str | int | float] = {
            "file_system": type_of(self._path),
            "free_bytes": free,
            "integrity": self._integrity,
            "last_commit_ms": self._last_commit_ms or 0.0,
        }
        return Health(tuple(self._warnings(free)), details)

    def _warnings(self, free: int) -> Iterator[str]:
        if free < LITTLE_SPACE_BYTES:
            yield f"only {free / 1e6:.0f} MB are free on the disk of the counts"
        if self._is_damaged:
            yield "the file of the counts is damaged; restore a backup"
        if (self._last_commit_ms or 0.0) > SLOW_COMMIT_MS:
            yield f"the last commit took {self._last_commit_ms} ms: the disk is slow"


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
    found: str = connection.pragma(check, 1)
    # A first line may only name the database.
    return None if found == _OK else found.splitlines()[-1]
