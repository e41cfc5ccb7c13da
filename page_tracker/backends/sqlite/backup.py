"""A backup of the file while views are counted."""

import os
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import mkstemp

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import Database, fetch_one
from page_tracker.backends.sqlite.errors import explaining
from page_tracker.backends.sqlite.files import is_one_of, sync_folder

# A backup may be kept for long. Without the salts, the visitors of a day are a number.
# And imports do not go on in a backup.
_LEFT_OUT = ("salt", "visitor", "seen", "import_run")

_PAGES_PER_STEP = 256


def back_up(path: Path, target: Path) -> None:
    """Write all counts to a new file, which appears when it is complete.

    The file contains the counts of one moment, and no salts and pseudonyms. An existing
    file of that name is replaced. Raises BackendError and OSError.
    """
    target = target.resolve()
    if is_one_of(target, path):
        raise BackendError(
            "a backup must not replace the counts themselves; name another file"
        )
    # Otherwise, a device such as /dev/null would be replaced.
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise BackendError("a backup replaces only a file; name another one")
    # Only its owner may read this file.
    opened, name = mkstemp(".part", f"{target.name}.", target.parent)
    part = Path(name)
    try:
        with closing(Database(path)) as database:
            database.use(partial(_copy, part, opened))
        os.fsync(opened)
        part.replace(target)
        sync_folder(target)
    finally:
        os.close(opened)
        part.unlink(missing_ok=True)


def _copy(part: Path, opened: int, connection: apsw.Connection) -> None:
    """Copy the counts to an empty file, without salts and pseudonyms."""
    with explaining(), closing(apsw.Connection(str(part))) as copy:
        # A copy that fails is deleted, so it needs no journal.
        copy.pragma("journal_mode", "OFF")
        copy.pragma("synchronous", "OFF")
        # Otherwise, SQLite would begin again after each view.
        connection.execute("BEGIN")
        try:
            fetch_one(connection, "SELECT count(*) FROM site")
            with copy.backup("main", connection, "main") as backup:
                while not backup.done:
                    backup.step(_PAGES_PER_STEP)
                    # Written all at once, a large file would make views wait.
                    os.fdatasync(opened)
        finally:
            connection.execute("ROLLBACK")
        # Without this, the copy would need a write-ahead log, as the counts do.
        copy.pragma("journal_mode", "DELETE")
        copy.pragma("secure_delete", True)
        for table in _LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # nosec B608  # constants
