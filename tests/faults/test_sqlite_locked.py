"""Other processes lock the SQLite file, are suspended, or never stop reading."""

import fcntl
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests

from page_tracker import Page
from page_tracker.backends.sqlite.backend import SqliteBackend
from tests import disk
from tests.conftest import StartTracker
from tests.counting import Load, view_front_page
from tests.faults.recording import TODAY, Recorder
from tests.faults.sqlite import is_damaged, other_program, views_in
from tests.servers import wait_until

LOCK = "BEGIN EXCLUSIVE"


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """The file of the counts."""
    return tmp_path / "counts.db"


def test_should_record_all_views_despite_a_lock_for_less_than_the_deadline(
    file: Path, page: Page
) -> None:
    recorder = Recorder(SqliteBackend(file, deadline_s=4.0), page)
    assert recorder.record(50)

    with ThreadPoolExecutor(1) as thread:
        with other_program(file, LOCK):
            recorded = thread.submit(recorder.record, 50)
            time.sleep(1.5)
            assert not recorded.done()
        assert recorded.result()

    assert sorted(recorder.numbers) == list(range(1, 101))
    assert views_in(file, page.site) == 100


def test_should_fail_in_time_and_recover_when_a_lock_exceeds_the_deadline(
    file: Path, page: Page
) -> None:
    backend = SqliteBackend(file, deadline_s=1.0)
    recorder = Recorder(backend, page)
    assert recorder.record(50)

    with other_program(file, LOCK):
        assert_fails_in_time(recorder)
        # Who only reads does not wait.
        assert backend.tally(page, TODAY).site_views == 50

    wait_until(lambda: recorder.record(1), "a view to be recorded")
    assert recorder.record(50)
    recorder.assert_counted(views_in(file, page.site))


def test_should_fail_in_time_and_recover_when_another_writer_is_suspended(
    file: Path, page: Page
) -> None:
    backend = SqliteBackend(file, deadline_s=1.0)
    recorder = Recorder(backend, page)
    assert recorder.record(50)

    with file.with_name(f"{file.name}-lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_fails_in_time(recorder)
        assert backend.tally(page, TODAY).site_views == 50

    wait_until(lambda: recorder.record(1), "a view to be recorded")
    assert recorder.record(50)
    # No view whose caller has stopped waiting was counted.
    assert views_in(file, page.site) == len(recorder.numbers) == 101


def test_should_recover_when_a_worker_that_was_suspended_while_writing_is_killed(
    start_tracker: StartTracker, file: Path
) -> None:
    tracker = start_tracker(
        command=(sys.executable, "-m", "tests.disk", "--port", "0", "--workers", "2"),
        PAGE_TRACKER_BACKEND=f"sqlite://{file}",
        PAGE_TRACKER_DEADLINE="0.5",
        # So that a worker holds the lock almost always.
        **{disk.SYNC_S: "0.02"},
    )

    url = tracker.address()

    with Load(url, clients=16) as load:
        load.wait_for_views()
        worker = suspend_a_writer(tracker.pid, file)
        # The other worker answers.
        for _ in range(5):
            assert requests.get(f"{url}/", timeout=5).status_code == 500
            assert requests.get(f"{url}/healthz", timeout=5).ok
        worker.kill()
        load.wait_for_views()

    load.assert_counted(views_in(file))
    assert not is_damaged(file)


def test_should_stop_while_another_writer_is_suspended(
    start_tracker: StartTracker, file: Path
) -> None:
    tracker = start_tracker(
        *("--workers", "2"),
        PAGE_TRACKER_BACKEND=f"sqlite://{file}",
        PAGE_TRACKER_DEADLINE="0.5",
    )
    url = tracker.address()
    assert view_front_page(url) == 1

    with file.with_name(f"{file.name}-lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert requests.get(f"{url}/", timeout=5).status_code == 500
        tracker.finish()


def assert_fails_in_time(recorder: Recorder) -> None:
    """Record views, and fail unless all of them fail at a deadline of 1 s."""
    begun = time.monotonic()
    assert not recorder.record(16)
    assert len(recorder.failures) == 16
    assert 0.9 < time.monotonic() - begun < 3


def suspend_a_writer(tracker: int, file: Path) -> psutil.Process:
    """Suspend a worker that holds the lock, and return it."""
    workers = psutil.Process(tracker).children()
    while True:
        for worker in workers:
            worker.suspend()
            wait_until(partial(is_suspended, worker), "the worker to stop")
            if worker.pid in holders(file.with_name(f"{file.name}-lock")):
                return worker
            worker.resume()


def is_suspended(process: psutil.Process) -> bool:
    """Return whether a process has stopped."""
    return bool(process.status() == psutil.STATUS_STOPPED)


def holders(lock: Path) -> list[int]:
    """Return the processes that hold the lock, without those that wait for it."""
    # Source: proc_locks(5).
    found = re.findall(
        rf"^\d+: FLOCK .* (\d+) [0-9a-f:]+:{lock.stat().st_ino} ",
        Path("/proc/locks").read_text("utf-8"),
        re.MULTILINE,
    )
    return [int(pid) for pid in found]


def test_should_use_the_space_of_the_log_again_when_a_long_read_ends(
    file: Path, page: Page
) -> None:
    recorder = Recorder(SqliteBackend(file), page)
    log = file.with_name(f"{file.name}-wal")
    assert recorder.record(50)

    times = 0
    with other_program(file, "BEGIN", "SELECT count(*) FROM site"):
        while log.stat().st_size < 6 * 2**20:
            assert recorder.record(200)
            times += 1

    # This ends with a checkpoint.
    assert recorder.record(200)
    size = log.stat().st_size
    for _ in range(times):
        assert recorder.record(200)
    assert log.stat().st_size <= size
    recorder.assert_counted(views_in(file, page.site))
