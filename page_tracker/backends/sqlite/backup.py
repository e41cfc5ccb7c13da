"""A backup of the file while views are counted."""

import os
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import mkstemp

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.errors import explaining
from page_tracker.backends.sqlite.files import all_files, sync_folder

# A backup may be kept for long. Without the salts, the visitors of a day are a number.
_PERSONAL = ("salt", "visitor", "seen")


def back_up(path: Path, target: Path) -> None:
    """Write all counts to a new file, which appears when it is complete.

    The file contains the counts of one moment, and no salts and pseudonyms. An existing
    file of that name is replaced. Raises BackendError and OSError.
    """
    target = target.resolve()
    if target in all_files(path.resolve()):
        raise BackendError(
            "a backup must not replace the counts themselves; name another file"
        )
    # Only its owner may read this file.
    opened, name = mkstemp(".part", f"{target.name}.", target.parent)
    part = Path(name)
    try:
        with closing(Database(path)) as database:
            database.use(partial(_copy, part))
        os.fsync(opened)
        part.replace(target)
        sync_folder(target)
    finally:
        os.close(opened)
        part.unlink(missing_ok=True)


def _copy(part: Path, connection: apsw.Connection) -> None:
    # SQLite writes to an existing file if it is empty.
    connection.execute("VACUUM INTO ?", (str(part),))
    with explaining(), closing(apsw.Connection(str(part))) as copy:
        copy.pragma("journal_mode", "MEMORY")
        copy.pragma("secure_delete", True)
        for table in _PERSONAL:
            copy.execute(f"DELETE FROM {table}")  # nosec B608  # constants
