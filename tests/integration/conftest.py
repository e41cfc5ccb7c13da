"""A new SQLite file for each test that uses one."""

from pathlib import Path

import pytest

from page_tracker.backends.sqlite.backend import SqliteBackend


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    """The path of the file."""
    return tmp_path / "counts.db"


@pytest.fixture(name="backend")
def fixture_backend(path: Path) -> SqliteBackend:
    """A backend of the file."""
    return SqliteBackend(path)
