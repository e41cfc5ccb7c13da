"""Counting in a SQLite file."""

from pathlib import Path

import pytest

from page_tracker.backends.sqlite.backend import SqliteBackend
from tests.contract import CounterBackendContract, OpenBackend


class TestSqliteBackend(CounterBackendContract):
    """The contract in a SQLite file."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, tmp_path: Path) -> OpenBackend:
        """Return a function that opens a backend with the file of this test."""
        return lambda limits: SqliteBackend(tmp_path / "counts.db", limits=limits)
