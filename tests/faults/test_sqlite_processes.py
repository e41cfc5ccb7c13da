"""Several connections and forked processes, and the locks of SQLite."""

import fcntl
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from page_tracker import Page
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database
from tests.faults.recording import TODAY, view
from tests.faults.sqlite import is_damaged, is_locked, views_in
from tests.servers import wait_until

FORKING = multiprocessing.get_context("fork")

# Python 3.12 warns about a fork while threads run.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


class Child:
    """A forked process that records a view each time it is told to."""

    def __init__(self, backend: SqliteBackend, page: Page) -> None:
        self._backend = backend
        self._view = view(page)
        self._pipe, self._theirs = FORKING.Pipe()

    def start(self) -> ForkProcess:
        """Fork the child, and return its process."""
        process = FORKING.Process(target=self._run, daemon=True)
        process.start()
        return process

    def record(self) -> int:
        """Let the child record a view, and return its number."""
        self._pipe.send(True)
        assert self._pipe.poll(10), "the child does not answer"
        number: int = self._pipe.recv()
        return number

    def end(self) -> None:
        """Tell the child to end."""
        self._pipe.send(False)

    def _run(self) -> None:
        while self._theirs.recv():
            self._theirs.send(self._backend.record(self._view).site_views)


@contextmanager
def forked(backend: SqliteBackend, page: Page) -> Iterator[Child]:
    """Fork a child that uses the backend of its parent, and wait until it ends."""
    child = Child(backend, page)
    process = child.start()
    try:
        yield child
        child.end()
        process.join(10)
        assert process.exitcode == 0
    finally:
        process.kill()


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """The file of the counts."""
    return tmp_path / "counts.db"


@pytest.fixture(name="backend")
def fixture_backend(file: Path) -> SqliteBackend:
    """A backend that counts in the file."""
    return SqliteBackend(file)


def test_should_keep_its_lock_when_more_connections_open(
    backend: SqliteBackend, file: Path, page: Page
) -> None:
    backend.record(view(page))
    assert is_locked(file)

    backend.tally(page, TODAY)
    backend.sites(TODAY)
    backend.check()

    assert is_locked(file)


def test_should_keep_its_lock_when_connections_open_at_the_same_time(
    tmp_path: Path,
) -> None:
    for number in range(20):
        file = tmp_path / f"counts-{number}.db"
        databases = [Database(file) for _ in range(8)]

        with ThreadPoolExecutor(len(databases)) as threads:
            list(threads.map(lambda each: each.read(lambda _: None), databases))

        assert is_locked(file)


def test_should_keep_the_locks_of_a_child_when_its_parent_has_ended(
    file: Path, page: Page
) -> None:
    backend = SqliteBackend(file)
    child = Child(backend, page)

    def fork_and_end() -> None:
        backend.record(view(page))
        child.start()
        # Without this, Python would wait for the child.
        os._exit(0)

    parent = FORKING.Process(target=fork_and_end)
    parent.start()
    parent.join()
    assert parent.exitcode == 0

    assert child.record() == 2
    assert is_locked(file)
    assert child.record() == 3
    child.end()
    wait_until(lambda: not is_locked(file), "the child to end")
    assert views_in(file, page.site) == 3
    assert not is_damaged(file)


def test_should_go_on_in_the_parent_when_a_child_has_ended(
    backend: SqliteBackend, file: Path, page: Page
) -> None:
    backend.record(view(page))

    with forked(backend, page) as child:
        assert child.record() == 2
        assert backend.record(view(page)).site_views == 3

    assert is_locked(file)
    assert backend.record(view(page)).site_views == 4
    assert views_in(file, page.site) == 4
    assert not is_damaged(file)


def test_should_let_parent_and_child_wait_for_each_other(
    backend: SqliteBackend, file: Path, page: Page
) -> None:
    backend.record(view(page))

    with forked(backend, page) as child, ThreadPoolExecutor(1) as thread:
        assert child.record() == 2
        with file.with_name(f"{file.name}-lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            in_child = thread.submit(child.record)
            in_parent = backend.sites(TODAY)[0].views
            assert in_parent == 2 and not in_child.done()
        assert in_child.result() == 3
        assert backend.record(view(page)).site_views == 4


def test_should_fork_while_views_are_being_recorded(
    backend: SqliteBackend, file: Path, page: Page
) -> None:
    numbers: list[int] = []
    with ThreadPoolExecutor(4) as threads:
        views = [threads.submit(backend.record, view(page)) for _ in range(400)]
        for _ in range(10):
            with forked(backend, page) as child:
                numbers += [child.record() for _ in range(10)]
        numbers += [each.result().site_views for each in views]

    assert sorted(numbers) == list(range(1, 501))
    assert views_in(file, page.site) == 500
    assert not is_damaged(file)
