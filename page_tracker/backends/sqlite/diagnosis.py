"""The diagnosis of the file for page-tracker doctor."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.file_system import free_bytes, type_of
from page_tracker.backends.sqlite.files import all_files
from page_tracker.backends.sqlite.health import (
    LITTLE_SPACE_BYTES,
    NO_SPACE_BYTES,
    SLOW_COMMIT_MS,
    find_damage,
    time_commit,
)
from page_tracker.backends.sqlite.preparation import check
from page_tracker.operations.findings import Finding


def examine(
    path: Path, *, data_folder: Path | None = None, reads_all: bool = True
) -> list[Finding]:
    """Check the file, its folder, its file system and its disk.

    The data folder may be missing. Without reads_all, damage is only found in those
    parts that the checks read.
    """
    try:
        check(path, data_folder)
    except BackendError as error:
        return [Finding("file", "error", str(error))]
    if not path.exists():
        return [Finding("file", "ok", "does not exist: the first view creates it")]
    try:
        with closing(Database(path)) as database:
            findings = list(_check(path, database))
            if reads_all:
                findings.append(_check_integrity(database))
            return findings
    except (BackendError, OSError) as error:
        cause = error.__cause__
        text = f"{error}: {type(cause).__name__}: {cause}" if cause else str(error)
        return [Finding("file", "error", text)]


def _check(path: Path, database: Database) -> Iterator[Finding]:
    yield Finding("version", "ok", f"SQLite {apsw.sqlite_lib_version()}")
    size = sum(file.stat().st_size for file in all_files(path) if file.exists())
    yield Finding("file", "ok", f"{size / 1e6:.1f} MB with its write-ahead log")
    kind = type_of(path) or "unknown"
    yield Finding("file system", "ok", f"its type is {kind}")
    yield _check_space(path)
    yield _check_commit(database)


def _check_space(path: Path) -> Finding:
    free = free_bytes(path)
    text = f"{free / 1e6:.0f} MB are free"
    if free >= LITTLE_SPACE_BYTES:
        return Finding("space", "ok", text)
    full = free < NO_SPACE_BYTES
    return Finding(
        "space",
        "error" if full else "warning",
        f"{text}: {'views are not' if full else 'soon views will not be'} counted",
        "free some space on the disk",
    )


def _check_commit(database: Database) -> Finding:
    took_ms = time_commit(database) * 1000
    text = f"a commit took {took_ms:.1f} ms"
    if took_ms > SLOW_COMMIT_MS:
        return Finding(
            "commit", "warning", f"{text}: views wait for the disk", "use another disk"
        )
    return Finding("commit", "ok", text)


def _check_integrity(database: Database) -> Finding:
    damage = database.use(partial(find_damage, check="integrity_check"))
    if damage:
        return Finding(
            "integrity", "error", damage, "stop the server, and restore a backup"
        )
    return Finding("integrity", "ok", "the file is not damaged")
