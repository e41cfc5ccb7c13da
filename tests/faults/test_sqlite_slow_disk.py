"""Counting in a SQLite file on a disk that takes 200 ms for each sync."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
import requests

from tests import disk
from tests.conftest import StartTracker
from tests.counting import Load, view_front_page_concurrently
from tests.faults.sqlite import views_in
from tests.servers import TrackerServer, wait_until

COMMAND = (sys.executable, "-m", "tests.disk", "--port", "0", "--workers", "2")
SYNC_S = 0.2


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """The file of the counts."""
    return tmp_path / "counts.db"


@pytest.fixture(name="tracker")
def fixture_tracker(start_tracker: StartTracker, file: Path) -> TrackerServer:
    """A tracker whose workers have all counted on the slow disk.

    To create the tables takes longer than a view may wait.
    """
    tracker = start_tracker(
        command=COMMAND,
        PAGE_TRACKER_BACKEND=f"sqlite://{file}",
        **{disk.SYNC_S: str(SYNC_S)},
    )
    url = tracker.address()
    wait_until(lambda: all_are_counted(url), "the tables")
    return tracker


def all_are_counted(url: str) -> bool:
    """Return whether many views at once are counted, so that each worker has some."""
    with ThreadPoolExecutor(16) as threads:
        responses = threads.map(
            lambda _: requests.get(f"{url}/", timeout=10), range(16)
        )
        return all(response.ok for response in responses)


def test_should_answer_all_of_64_clients(tracker: TrackerServer, file: Path) -> None:
    before = views_in(file)

    numbers = view_front_page_concurrently(tracker.address(), clients=64, views=5)

    assert sorted(numbers) == list(range(before + 1, before + 321))
    assert views_in(file) == before + 320


def test_should_answer_other_requests_while_views_wait_for_the_disk(
    tracker: TrackerServer,
) -> None:
    url, took = tracker.address(), []

    with Load(url, clients=64) as load, requests.Session() as session:
        load.wait_for_views()
        for _ in range(100):
            begun = time.monotonic()
            assert session.get(f"{url}/healthz", timeout=10).ok
            took.append(time.monotonic() - begun)
        load.wait_for_views()

    # Each request that waited for the disk would take about 100 ms. The median is not
    # sensitive to a machine that is busy for a moment.
    assert median(took) < 0.02
    assert not load.failures


def test_should_answer_waiting_views_before_it_stops(
    tracker: TrackerServer, file: Path
) -> None:
    before = views_in(file)

    with Load(tracker.address(), clients=16) as load:
        load.wait_for_views(50)
        begun = time.monotonic()
        tracker.finish()
        stopped_after_s = time.monotonic() - begun

    # Gunicorn would kill the workers after 8 s.
    assert stopped_after_s < 8
    assert not load.failures
    load.assert_counted(views_in(file) - before)
