"""Counting in a SQLite file while processes of the tracker are killed."""

import random
import signal
from pathlib import Path

import pytest

from tests.conftest import StartTracker
from tests.counting import Load
from tests.faults.sqlite import is_damaged, views_in
from tests.servers import TrackerServer, free_port

CLIENTS = 32


class KilledTracker:
    """A tracker that is killed in several ways, and then serves at the same URL."""

    def __init__(self, start: StartTracker, file: Path) -> None:
        self._start, self._file = start, file
        self._port = free_port()
        self._tracker = self._started()
        self.url = self._tracker.address()

    def kill_worker(self) -> None:
        """Kill a worker."""
        self._tracker.kill_worker()

    def kill(self) -> None:
        """Kill all processes, and start it again."""
        self._tracker.send_to_all(signal.SIGKILL)
        self._tracker.exit_code()
        self._start_again()

    def reload(self) -> None:
        """Replace all workers, as `systemctl reload` does."""
        self._tracker.send(signal.SIGHUP)

    def restart(self) -> None:
        """Stop it as `docker stop` does, and start it again."""
        self.stop()
        self._start_again()

    def stop(self) -> None:
        """Stop it as `docker stop` does."""
        self._tracker.finish()

    def _start_again(self) -> None:
        self._tracker = self._started()
        self._tracker.address()

    def _started(self) -> TrackerServer:
        return self._start(
            *("--port", str(self._port), "--workers", "3"),
            PAGE_TRACKER_BACKEND=f"sqlite://{self._file}",
        )


@pytest.mark.parametrize(
    "kills",
    [
        1,
        pytest.param(10, marks=[pytest.mark.storm, pytest.mark.timeout(240)]),
    ],
)
def test_should_count_once_while_processes_are_killed(
    start_tracker: StartTracker, tmp_path: Path, kills: int
) -> None:
    file = tmp_path / "counts.db"
    tracker = KilledTracker(start_tracker, file)
    ways = [tracker.kill_worker, tracker.kill, tracker.reload, tracker.restart] * kills
    random.shuffle(ways)

    with Load(tracker.url, CLIENTS) as load:
        for kill in ways:
            load.wait_for_views()
            kill()
        load.wait_for_views()
    tracker.stop()

    load.assert_counted(views_in(file))
    assert not is_damaged(file)
