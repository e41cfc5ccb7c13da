"""The SQLite file as other programs see it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from tests import processes

# SQLite holds a lock on these bytes as long as a connection is open
# (sqlite.org/src/file/src/os.h: SHARED_FIRST and SHARED_SIZE).
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510

_TRY_TO_LOCK = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, int(sys.argv[2]), int(sys.argv[3]))
"""


_PROGRAM = """
import apsw, sys
connection = apsw.Connection(sys.argv[1])
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def _opened(path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as file:
        # The file is locked while another process opens it first, or closes it last.
        file.set_busy_timeout(10_000)
        yield file


def views_in(path: Path, site: str = "") -> int:
    """Return the stored views of a site."""
    with _opened(path) as file:
        found = file.execute("SELECT views FROM site WHERE name = ?", (site,)).get
    return found or 0


def is_damaged(path: Path) -> bool:
    """Return whether SQLite finds any damage in the file."""
    with _opened(path) as file:
        return bool(file.pragma("integrity_check") != "ok")


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock by which SQLite knows that it is there.

    Without this lock, another program that closes the file would delete the write-ahead
    log, and with it all views that are counted from then on.
    """
    # A process does not see its own locks.
    command = [sys.executable, "-c", _TRY_TO_LOCK, str(path)]
    command += [str(_SHARED_SIZE), str(_SHARED_FIRST)]
    tried = subprocess.run(command, capture_output=True, check=False)
    assert tried.returncode == 0 or b"BlockingIOError" in tried.stderr, tried.stderr
    return tried.returncode != 0


@contextmanager
def other_program(file: Path, *statements: str) -> Iterator[None]:
    """Run statements in a process that keeps its connection open, and kill it."""
    command = [sys.executable, "-c", _PROGRAM, str(file), *statements]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with processes.running(command, **pipes) as process:
        assert process.stdout and process.stdout.readline()
        yield
