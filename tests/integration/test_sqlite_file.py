"""The SQLite file itself: how it is created, and what it refuses."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import apsw
import pytest

from page_tracker import View
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.backup import back_up
from page_tracker.backends.sqlite.database import Database
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY

OPENED_AT_ONCE = 8

EXPORT_IN_PART = """
import sys
if sys.argv[1] == "gevent":
    from gevent import monkey
    monkey.patch_all()
from datetime import date
from pathlib import Path
from page_tracker import Page, View
from page_tracker.backends.sqlite.backend import SqliteBackend
backend = SqliteBackend(Path(sys.argv[2]))
backend.record(View(Page("example.com", "/"), date.today()))
counts = backend.counts("example.com", date.today())
print(next(counts).views)
"""


def test_should_let_any_number_of_connections_create_it_at_once(tmp_path: Path) -> None:
    barrier = Barrier(OPENED_AT_ONCE)

    def open_new(file: Path) -> int:
        database = Database(file)
        barrier.wait()
        version: int = database.read(lambda c: c.pragma("user_version"))
        return version

    with ThreadPoolExecutor(OPENED_AT_ONCE) as threads:
        for number in range(30):
            files = [tmp_path / f"{number}.db"] * OPENED_AT_ONCE
            assert set(threads.map(open_new, files)) == {1}


def test_should_keep_a_write_ahead_log_also_after_a_backup_is_restored(
    tmp_path: Path,
) -> None:
    SqliteBackend(tmp_path / "counts.db").record(View(FRONT_PAGE, DAY))
    back_up(tmp_path / "counts.db", tmp_path / "restored.db")
    restored = SqliteBackend(tmp_path / "restored.db")

    assert restored.record(View(FRONT_PAGE, DAY)).site_views == 2

    with closing(apsw.Connection(str(tmp_path / "restored.db"))) as connection:
        assert connection.pragma("journal_mode") == "wal"


@pytest.mark.parametrize("threads", ["real", "gevent"])
def test_should_let_a_process_end_that_has_not_finished_an_export(
    threads: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", EXPORT_IN_PART, threads, str(tmp_path / "counts.db")],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert (ended.stdout, ended.stderr) == ("1\n", "")
