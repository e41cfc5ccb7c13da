"""Counting in a SQLite file that cannot be written, or is not what it should be."""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest
import requests

from page_tracker import Limits
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.recording import record
from page_tracker.counting.model import FRONT_PAGE
from tests import disk
from tests.conftest import StartTracker
from tests.counting import Load, view_front_page
from tests.faults.recording import view
from tests.faults.sqlite import is_damaged, views_in
from tests.servers import TrackerServer, wait_until

COMMAND = (sys.executable, "-m", "tests.disk", "--port", "0", "--workers", "2")


# sqlite.org/fileformat2.html, 1.3
_HEADER = 100


def assert_fails(tracker: TrackerServer, advice: str) -> None:
    """Fail unless views are refused for now, and the log says what to do."""
    url = tracker.address()
    for _ in range(5):
        response = requests.get(f"{url}/hit.json?page=a.example/", timeout=10)
        assert response.status_code == 503, response.text
        assert response.headers["Retry-After"] == "1"
        assert requests.get(f"{url}/", timeout=10).status_code == 500
        assert requests.get(f"{url}/healthz", timeout=10).ok
    wait_until(lambda: has_problem(url), "a worker to report the problem")
    assert advice in tracker.log


def has_problem(url: str) -> bool:
    """Return whether /readyz reports a problem."""
    ready = requests.get(f"{url}/readyz", timeout=10)
    # Some pages of a damaged file may still be counted.
    return ready.status_code == 503 or "is damaged; restore a backup" in ready.text


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("FullError", "the disk is full; free some space on it"),
        ("ReadOnlyError", "the file of the counts is read-only; make it"),
        ("IOError", "the disk of the counts fails to read or write; see the log"),
    ],
)
def test_should_go_on_when_the_disk_can_be_written_to_again(
    start_tracker: StartTracker, tmp_path: Path, error: str, advice: str
) -> None:
    file, flag = tmp_path / "counts.db", tmp_path / "error"
    tracker = start_tracker(
        command=COMMAND,
        PAGE_TRACKER_BACKEND=f"sqlite://{file}",
        **{disk.ERROR: str(flag)},
    )
    url = tracker.address()
    assert [view_front_page(url) for _ in range(10)] == list(range(1, 11))

    flag.write_text(error)
    assert_fails(tracker, advice)
    assert views_in(file) == 10
    flag.unlink()

    assert [view_front_page(url) for _ in range(10)] == list(range(11, 21))
    assert not is_damaged(file)


def test_should_count_once_while_the_disk_is_full_again_and_again(
    start_tracker: StartTracker, tmp_path: Path
) -> None:
    file, flag = tmp_path / "counts.db", tmp_path / "error"
    tracker = start_tracker(
        command=COMMAND,
        PAGE_TRACKER_BACKEND=f"sqlite://{file}",
        **{disk.ERROR: str(flag)},
    )

    with Load(tracker.address(), clients=16) as load:
        for _ in range(5):
            load.wait_for_views(50)
            load.failures.clear()
            flag.write_text("FullError")
            wait_until(lambda: load.failures, "a view to fail")
            flag.unlink()
        load.wait_for_views(50)

    # A full disk stores no part of a view that has failed.
    assert sorted(load.numbers) == list(range(1, views_in(file) + 1))
    assert not is_damaged(file)


def write_text(file: Path) -> None:
    """Create a file that is no database."""
    file.write_text("These are not counts.\n" * 1000)


def write_database(file: Path) -> None:
    """Create a database of another program."""
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute("CREATE TABLE mine (text); INSERT INTO mine VALUES (1)")


def write_counts(file: Path) -> None:
    """Create a file of the tracker, with one view."""
    with closing(Database(file)) as database:
        database.change(lambda counts: record(counts, [view(FRONT_PAGE)], Limits()))


def write_newer_counts(file: Path) -> None:
    """Create a file of a newer version of the tracker."""
    write_counts(file)
    with closing(apsw.Connection(str(file))) as connection:
        connection.pragma("user_version", 1_000)


def write_damaged_counts(file: Path) -> None:
    """Create a file of the tracker, and overwrite all its pages but the first."""
    write_counts(file)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"damaged!" * ((len(content) - 4096) // 8))


@pytest.mark.parametrize(
    ("write", "advice"),
    [
        (write_text, "is not a SQLite database; move it away, or name another file"),
        (write_database, "belongs to another program; name another file"),
        (write_newer_counts, "(format 1000; allowed: 1); upgrade page-tracker"),
        (write_damaged_counts, "is damaged; stop the tracker and restore a backup"),
    ],
)
def test_should_not_change_a_file_that_it_cannot_use(
    start_tracker: StartTracker,
    tmp_path: Path,
    write: Callable[[Path], None],
    advice: str,
) -> None:
    file = tmp_path / "counts.db"
    write(file)
    before = file.read_bytes()

    tracker = start_tracker(
        *("--workers", "2"), PAGE_TRACKER_BACKEND=f"sqlite://{file}"
    )

    assert_fails(tracker, advice)
    tracker.finish()
    # The header counts the commits of nothing by which /readyz tries a damaged file.
    assert file.read_bytes()[_HEADER:] == before[_HEADER:]
