"""The file: how it is created, opened, read and changed."""

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.errors import explaining
from page_tracker.backends.sqlite.file_system import check_file_system
from page_tracker.backends.sqlite.files import create_once, is_in_place
from page_tracker.backends.sqlite.schema import (
    ADDITIONS,
    APPLICATION_ID,
    TABLES,
    VERSION,
)
from page_tracker.backends.sqlite.threads import run_in_thread
from page_tracker.backends.sqlite.writer_lock import WriterLock

R = TypeVar("R")

Query = Callable[[apsw.Connection], R]

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

Value = int | float | str | bytes | None
"""A value in a statement."""

# Earlier versions can lose transactions if several connections are open
# (sqlite.org/wal.html, "The WAL-Reset Bug").
_OLDEST_SQLITE = (3, 51, 3)

# The space that the write-ahead log keeps after it has been longer.
_MAX_IDLE_LOG_BYTES = 64 * 2**20


class Database:
    """A connection to the file, for one caller at a time.

    The connection opens when it is first used, and again after an error. A missing file
    is created. All methods raise BackendError.

    The connection closes before a fork. SQLite would believe that the child process has
    the locks of its parent, which it has not (sqlite.org/howtocorrupt.html, 2.6).
    """

    def __init__(self, path: Path, *, busy_s: float = 1.0) -> None:
        """Prepare to use the file with this absolute path.

        A change waits at most busy_s seconds for programs other than the tracker that
        lock the file.
        """
        self._path = path
        self._busy_s = busy_s
        self._lock = WriterLock(path)
        self._connection: apsw.Connection | None = None
        # Found at run time, because gevent may replace it after this module's import.
        self._in_use = threading.Lock()
        _databases.add(self)

    def read(self, query: Query[R]) -> R:
        """Return the result of a query, all of it from the same moment."""
        return self._call(lambda: self._run("BEGIN", query))

    def change(self, change: Query[R]) -> R:
        """Make a change, and return its result when it is on the disk.

        If the change raises an error, nothing is changed.
        """
        return self._call(lambda: self._change(change))

    def use(self, function: Query[R]) -> R:
        """Call a function with the connection, outside of a transaction."""
        return self._call(lambda: self._use(function))

    def empty_log(self) -> None:
        """Move the contents of the write-ahead log into the file, and empty the log.

        While another connection reads the log, it is not emptied.
        """
        # This step moves most of the log, and lets views be counted meanwhile.
        self.move_log()
        self._call(self._truncate_log)

    def move_log(self) -> None:
        """Move the contents of the write-ahead log into the file.

        Views are counted meanwhile.
        """
        self.use(_checkpoint)

    def close(self) -> None:
        """Close the connection. It opens again when it is next used."""
        with self._in_use:
            # At the end of the process, there may be no thread any more.
            if self._connection is not None:
                run_in_thread(self._close)

    def close_if_idle(self) -> None:
        """Close the connection for the end of the process, unless it is in use."""
        # pylint: disable-next=consider-using-with  # it may be in use
        if self._in_use.acquire(blocking=False):
            self._close()
            # Python may destroy an export afterwards, which closes its connection.
            self._in_use.release()

    def suspend(self) -> None:
        """Close the connection, and keep it closed until resume() is called."""
        # pylint: disable-next=consider-using-with  # resume() releases it
        self._in_use.acquire()
        run_in_thread(self._close)
        self._lock.close()

    def resume(self) -> None:
        """Let the connection open again."""
        self._in_use.release()

    def _call(self, function: Callable[[], R]) -> R:
        with self._in_use:
            return run_in_thread(function)

    def _change(self, change: Query[R]) -> R:
        with explaining(), self._lock:
            return self._run("BEGIN IMMEDIATE", change)

    def _truncate_log(self) -> None:
        def truncate(connection: apsw.Connection) -> None:
            # To wait for connections that read would keep views from being counted.
            connection.set_busy_timeout(0)
            try:
                with suppress(apsw.BusyError):
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            finally:
                connection.set_busy_timeout(round(self._busy_s * 1000))

        with explaining(), self._lock:
            self._use(truncate)

    def _run(self, begin: str, query: Query[R]) -> R:
        def run(connection: apsw.Connection) -> R:
            connection.execute(begin)
            try:
                result = query(connection)
                connection.execute("COMMIT")
                return result
            finally:
                # After some errors, SQLite itself has ended the transaction.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

        return self._use(run)

    def _use(self, function: Query[R]) -> R:
        with explaining():
            connection = self._open()
            try:
                return function(connection)
            except apsw.BusyError:
                raise
            except apsw.Error:
                self._close()
                raise

    def _open(self) -> apsw.Connection:
        if self._connection is None:
            check_file_system(self._path)
        try:
            create_once(self._path)
        except BackendError:
            self._close()
            raise
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(round(self._busy_s * 1000))
            # Another process may create the tables in the meantime, so all is read from
            # the same moment.
            with connection:
                is_complete = not (_is_new(connection) or _additions(connection))
            # A restored backup has another journal mode.
            if not is_complete or connection.pragma("journal_mode") != "wal":
                with self._lock:
                    _set_up(connection)
            # Each connection needs these settings, because the file does not keep them.
            connection.pragma("synchronous", "FULL")
            # Temporary tables need no disk.
            connection.pragma("temp_store", "MEMORY")
            # Expired salts and pseudonyms must not remain in unused parts of the file.
            # FAST would leave them in pages that are free as a whole.
            connection.pragma("secure_delete", True)
            connection.pragma("journal_size_limit", _MAX_IDLE_LOG_BYTES)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(apsw.Error, OSError):
            if not is_in_place(self._path):
                # SQLite leaves the write-ahead log beside the place of the file. A
                # file that is put there would get its counts, and this one lose them.
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        with suppress(apsw.Error):
            connection.close()


_databases: WeakSet[Database] = WeakSet()
_suspended: list[Database] = []


def _before_fork() -> None:
    for database in list(_databases):
        database.suspend()
        _suspended.append(database)


def _after_fork() -> None:
    while _suspended:
        _suspended.pop().resume()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
)


@atexit.register
def _close_all() -> None:
    """Close the connections when the process ends.

    With the last one, SQLite moves the counts from its write-ahead log into the file,
    which can then be copied or replaced alone.
    """
    for database in list(_databases):
        database.close_if_idle()


def _checkpoint(connection: apsw.Connection) -> None:
    # Another connection may be doing the same.
    with suppress(apsw.BusyError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


def check_library() -> None:
    """Raise BackendError if this version of SQLite may lose counts."""
    version = apsw.sqlite_lib_version()
    if tuple(map(int, version.split("."))) < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        raise BackendError(
            f"SQLite {version} may lose counts; allowed: {oldest} or later, which the "
            "package apsw from PyPI contains"
        )


def _is_new(connection: apsw.Connection) -> bool:
    """Return whether the file has no tables yet. Changes nothing.

    Raises BackendError if another program or a newer version wrote the file.
    """
    if connection.pragma("application_id") == APPLICATION_ID:
        version = connection.pragma("user_version")
        if version != VERSION:
            raise BackendError(
                f"a newer version of page-tracker wrote the file of the counts (format "
                f"{version}; allowed: {VERSION}); upgrade page-tracker"
            )
        return False
    if fetch_one(connection, "SELECT count(*) FROM sqlite_schema"):
        raise BackendError(
            "the file of the counts belongs to another program; name another file"
        )
    return True


def _set_up(connection: apsw.Connection) -> None:
    # The file keeps this setting.
    if connection.pragma("journal_mode", "WAL") != "wal":
        raise BackendError("SQLite cannot use a write-ahead log for this file")
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have created them.
    if _is_new(connection):
        connection.execute(TABLES).fetchall()
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", VERSION)
    for statements in _additions(connection):
        connection.execute(statements).fetchall()
    connection.execute("COMMIT")


def _additions(connection: apsw.Connection) -> list[str]:
    """Return the statements for what the file lacks."""
    known = {name for (name,) in fetch_all(connection, _TABLES)}
    return [each for table, each in ADDITIONS.items() if table not in known]


def fetch_one(connection: apsw.Connection, statement: str, *values: Value) -> Any:
    """Run a statement, and return its only row, or None.

    A row with one column is returned as its value.
    """
    return connection.execute(statement, values).get


def fetch_all(connection: apsw.Connection, statement: str, *values: Value) -> Any:
    """Run a statement, and return a list of its rows as tuples."""
    return connection.execute(statement, values).fetchall()
