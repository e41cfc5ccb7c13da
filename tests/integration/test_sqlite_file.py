"""The SQLite file itself: how it is created, and what it refuses."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from page_tracker.backends.sqlite.database import Database

pytestmark = pytest.mark.timeout(60)

OPENED_AT_ONCE = 8


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
