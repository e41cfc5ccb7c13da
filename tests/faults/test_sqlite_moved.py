"""The SQLite file is moved, deleted or replaced while the tracker uses it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
import requests

from page_tracker import BackendError, Limits
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.recording import record
from page_tracker.counting.model import FRONT_PAGE
from tests.conftest import StartTracker
from tests.counting import view_front_page, view_front_page_concurrently
from tests.faults.recording import view
from tests.faults.sqlite import is_damaged, views_in
from tests.servers import TrackerServer

StartHere = Callable[[], TrackerServer]


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """The file of the counts."""
    return tmp_path / "counts.db"


@pytest.fixture(name="start")
def fixture_start(start_tracker: StartTracker, file: Path) -> StartHere:
    """Return a function that starts a tracker with two workers and this file."""
    return lambda: start_tracker(
        *("--workers", "2"), PAGE_TRACKER_BACKEND=f"sqlite://{file}"
    )


def count(tracker: TrackerServer) -> None:
    """Let both workers count views, 320 in total."""
    numbers = view_front_page_concurrently(tracker.address(), clients=32, views=10)
    assert sorted(numbers) == list(range(1, 321))


def assert_refuses(tracker: TrackerServer) -> None:
    """Fail unless both workers refuse to count, and say what to do."""
    url = tracker.address()
    for _ in range(40):
        response = requests.get(f"{url}/hit.json?page=a.example/", timeout=10)
        assert response.status_code == 503, response.text
    assert "put it back, or restart the tracker" in tracker.log


def test_should_go_on_when_the_file_is_put_back(start: StartHere, file: Path) -> None:
    tracker = start()
    count(tracker)

    moved = file.rename(file.with_name("moved.db"))
    assert_refuses(tracker)
    moved.rename(file)

    assert view_front_page(tracker.address()) == 321
    assert views_in(file) == 321
    assert not is_damaged(file)


def test_should_leave_all_counts_in_a_file_that_was_moved(
    start: StartHere, file: Path
) -> None:
    tracker = start()
    count(tracker)

    moved = file.rename(file.with_name("moved.db"))
    assert_refuses(tracker)
    tracker.finish()

    assert views_in(moved) == 320
    assert not is_damaged(moved)
    assert view_front_page(start().address()) == 1


def test_should_begin_again_after_the_file_was_deleted(
    start: StartHere, file: Path
) -> None:
    tracker = start()
    count(tracker)

    file.unlink()
    assert_refuses(tracker)
    tracker.finish()

    assert view_front_page(start().address()) == 1
    assert not is_damaged(file)


def test_should_go_on_in_the_file_that_has_replaced_the_first(
    start: StartHere, file: Path
) -> None:
    other = file.with_name("other.db")
    with closing(Database(other)) as database:
        database.change(lambda counts: record(counts, [view(FRONT_PAGE)], Limits()))
    tracker = start()
    count(tracker)

    other.rename(file)
    assert_refuses(tracker)
    tracker.finish()

    assert view_front_page(start().address()) == 2
    assert views_in(file) == 2
    assert not is_damaged(file)


def test_should_go_on_when_the_lock_file_is_deleted(
    start: StartHere, file: Path
) -> None:
    tracker = start()
    count(tracker)

    file.with_name("counts.db-lock").unlink()

    numbers = view_front_page_concurrently(tracker.address(), clients=32, views=10)
    assert sorted(numbers) == list(range(321, 641))
    # This one locks a new file, so only SQLite keeps it from the other's transactions.
    urls = [tracker.address(), start().address()]
    with ThreadPoolExecutor(2) as threads:
        lists = threads.map(
            lambda url: view_front_page_concurrently(url, clients=16, views=50), urls
        )
    assert sorted(chain(*lists)) == list(range(641, 641 + 1600))


def test_should_say_what_to_do_when_the_folder_is_missing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    views = [view(FRONT_PAGE)]
    with (
        closing(Database(folder / "counts.db")) as first,
        closing(Database(folder / "counts.db")) as second,
    ):
        first.change(lambda counts: record(counts, views, Limits()))

        folder.rename(tmp_path / "moved")

        for database in (second, first, second):
            with pytest.raises(BackendError, match="put it back, or restart"):
                database.change(lambda counts: record(counts, views, Limits()))


def test_should_go_on_when_the_folder_is_put_back(
    start_tracker: StartTracker, tmp_path: Path
) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    tracker = start_tracker(
        *("--workers", "2"), PAGE_TRACKER_BACKEND=f"sqlite://{folder / 'counts.db'}"
    )
    count(tracker)

    moved = folder.rename(tmp_path / "moved")
    assert_refuses(tracker)
    moved.rename(folder)

    assert view_front_page(tracker.address()) == 321
    assert views_in(folder / "counts.db") == 321
