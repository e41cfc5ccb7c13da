"""Counting in a SQLite file, with the command as users start it."""

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
import requests

from page_tracker import Rules, open_backend
from page_tracker.counting.model import FRONT_PAGE
from tests.conftest import StartTracker
from tests.counting import (
    TIMEOUT_S,
    Load,
    view_front_page,
    view_front_page_concurrently,
)
from tests.owner import BEARER, TOKEN
from tests.servers import (
    GUNICORN,
    GUNICORN_CONFIGURED,
    PAGE_TRACKER,
    TrackerServer,
    wait_until,
)
from tests.subscriber import Subscriber

# A Redis may run at the port of the default. None can listen on this port.
_WITHOUT_REDIS = """
from functools import partial
from page_tracker.backends import choice
choice.choose = partial(choice.choose, port=0)
from page_tracker.cli.main import main
main()
"""
WITHOUT_REDIS = (sys.executable, "-c", _WITHOUT_REDIS, "--port", "0")
"""The command page-tracker on a machine without Redis."""


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """The file where the tracker counts if nothing is set."""
    return tmp_path / "page-tracker" / "counts.db"


@pytest.fixture(name="url")
def fixture_url(tmp_path: Path) -> str:
    """The URL of a new file."""
    return f"sqlite:{tmp_path}/counts.db"


def stored_views(url: str) -> int:
    """Return the number of views of the front page in a file."""
    return open_backend(url).tally(FRONT_PAGE, Rules().today()).site_views


def ask(url: str, target: str) -> requests.Response:
    """Send one request of the owner, over a new connection."""
    return requests.get(f"{url}{target}", headers=BEARER, timeout=TIMEOUT_S)


def view_by_two_workers(tracker: TrackerServer) -> list[int]:
    """View the front page 40 times in several clients, and return the numbers."""
    url = tracker.address()
    wait_until(lambda: tracker.log.count("Booting worker") >= 2, "two workers")
    return sorted(view_front_page_concurrently(url, clients=8, views=5))


class TestWithoutAnySetting:
    """The command alone."""

    def test_should_say_first_where_it_counts_and_why(
        self, start_tracker: StartTracker, file: Path
    ) -> None:
        tracker = start_tracker(command=WITHOUT_REDIS)
        tracker.address()

        first = tracker.log.splitlines()[0]
        assert f"Counting in SQLite at {file}: no backend is set, and no Redis" in first
        wait_until(lambda: tracker.log.count("Booting worker") == 2, "two workers")
        assert tracker.log.count("Counting in") == 1
        assert "arning" not in tracker.log and "ssl" not in tracker.log

    def test_should_go_on_with_the_next_number_after_a_restart(
        self, start_tracker: StartTracker
    ) -> None:
        first = start_tracker(command=WITHOUT_REDIS)
        assert view_by_two_workers(first) == list(range(1, 41))
        first.finish()

        second = start_tracker(command=WITHOUT_REDIS)

        assert view_by_two_workers(second) == list(range(41, 81))
        assert "failed" not in first.log + second.log

    def test_should_create_a_folder_and_a_file_for_its_user_only(
        self, start_tracker: StartTracker, file: Path
    ) -> None:
        tracker = start_tracker(command=WITHOUT_REDIS)
        view_by_two_workers(tracker)

        assert file.parent.stat().st_mode & 0o777 == 0o700
        modes = {each.stat().st_mode & 0o777 for each in file.parent.iterdir()}
        assert modes == {0o600}

    def test_should_count_in_the_folder_of_systemd(
        self, start_tracker: StartTracker, tmp_path: Path
    ) -> None:
        state = tmp_path / "state"
        state.mkdir()
        tracker = start_tracker(command=WITHOUT_REDIS, STATE_DIRECTORY=str(state))
        view_by_two_workers(tracker)

        assert (state / "counts.db").exists()

    def test_should_leave_all_counts_in_one_file_when_it_stops(
        self, start_tracker: StartTracker, file: Path, tmp_path: Path
    ) -> None:
        tracker = start_tracker(command=WITHOUT_REDIS)
        view_by_two_workers(tracker)
        tracker.finish()

        # People copy only this file.
        shutil.copy(file, tmp_path / "copy.db")

        assert stored_views(f"sqlite:{tmp_path}/copy.db") == 40
        assert not file.with_name("counts.db-wal").exists()


class TestOtherCommands:
    """The same file with other servers, and with other signals."""

    @pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
    def test_should_lose_no_view_when_workers_are_replaced(
        self, start_tracker: StartTracker, url: str, number: signal.Signals
    ) -> None:
        tracker = start_tracker("--backend", url)
        with Load(tracker.address(), clients=4) as load:
            load.wait_for_views()
            before = tracker.log.count("Booting worker")
            tracker.send(number)
            wait_until(
                lambda: tracker.log.count("Booting worker") >= before + 2,
                "two more workers",
            )
            load.wait_for_views()

        load.assert_counted(stored_views(url))

    @pytest.mark.parametrize(
        ("command", "options"),
        [
            (GUNICORN, ()),
            (GUNICORN, ("--worker-class", "gthread", "--threads", "8")),
            (GUNICORN, ("--worker-class", "gevent")),
            (GUNICORN, ("--preload",)),
            (GUNICORN_CONFIGURED, ()),
            (GUNICORN_CONFIGURED, ("--preload",)),
        ],
        ids=lambda value: value[-1] if value else "",
    )
    def test_should_count_exactly_with_gunicorns_own_command_line(
        self,
        start_tracker: StartTracker,
        url: str,
        command: tuple[str, ...],
        options: tuple[str, ...],
    ) -> None:
        tracker = start_tracker(
            *("--workers", "2", *options), command=command, PAGE_TRACKER_BACKEND=url
        )

        assert view_by_two_workers(tracker) == list(range(1, 41))
        assert re.search(r"Counting in SQLite at \S+: set by PAGE_TR", tracker.log)
        assert "arning" not in tracker.log


class TestChoiceOfWorkers:
    """Workers that choose a backend, each by itself or all together."""

    def test_should_refuse_views_if_each_worker_has_chosen_by_itself(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker("--workers", "2", command=GUNICORN)

        answer = requests.get(
            f"{tracker.address()}/hit.txt?page=a.b", timeout=TIMEOUT_S
        )

        assert answer.status_code == 503
        assert "set PAGE_TRACKER_BACKEND" in tracker.log

    @pytest.mark.parametrize(
        ("command", "options"),
        [
            (GUNICORN, ("--preload",)),
            (GUNICORN_CONFIGURED, ()),
            (PAGE_TRACKER, ()),
        ],
    )
    def test_should_count_if_the_master_has_chosen_for_all(
        self,
        start_tracker: StartTracker,
        command: tuple[str, ...],
        options: tuple[str, ...],
    ) -> None:
        tracker = start_tracker("--workers", "2", *options, command=command)

        answer = requests.get(
            f"{tracker.address()}/hit.txt?page=a.b", timeout=TIMEOUT_S
        )

        assert answer.status_code == 200


class TestOwner:
    """What the owner sees of the counts in a file."""

    def test_should_get_views_of_all_workers_and_servers_while_watching(
        self, start_tracker: StartTracker, url: str
    ) -> None:
        variables = {"PAGE_TRACKER_BACKEND": url, "PAGE_TRACKER_TOKEN": TOKEN}
        servers = [start_tracker(**variables).address() for _ in range(2)]
        with Subscriber(servers[0]) as subscriber:
            subscriber.wait_for_start()
            for server in servers * 5:
                ask(server, "/hit.txt?page=a.example")

            wait_until(lambda: subscriber.views == {"a.example": 10}, "all views")

    def test_should_get_metrics_of_all_workers(
        self, start_tracker: StartTracker, url: str
    ) -> None:
        tracker = start_tracker("--backend", url, PAGE_TRACKER_TOKEN=TOKEN)
        view_by_two_workers(tracker)

        metrics = ask(tracker.address(), "/metrics").text

        assert "\npage_tracker_batch_views_sum 40.0\n" in metrics
        assert "\npage_tracker_breakers_open 0.0\n" in metrics

    def test_should_see_the_health_of_the_file(
        self, start_tracker: StartTracker, url: str
    ) -> None:
        server = start_tracker("--backend", url, PAGE_TRACKER_TOKEN=TOKEN).address()
        view_front_page(server)

        answer = ask(server, "/readyz")

        assert answer.status_code == 200
        health = answer.json()
        assert (health["ready"], health["backend"]) == (True, "sqlite")
        assert health["free_bytes"] > 0 and health["last_commit_ms"] > 0


class TestFolderThatCannotBeWrittenTo:
    """The start with a folder that cannot be created."""

    # Even root can create no folder in a device.
    IMPOSSIBLE = {"XDG_DATA_HOME": "/dev/null"}

    def test_should_end_the_start_with_one_line(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(command=WITHOUT_REDIS, **self.IMPOSSIBLE)

        assert tracker.exit_code() == 2
        where, reason = tracker.log.splitlines()
        assert "Counting in SQLite at /dev/null/page-tracker/counts.db" in where
        assert reason.startswith(
            "page-tracker: cannot write to /dev/null/page-tracker: Not a directory; "
            "allowed: "
        )

    @pytest.mark.parametrize("command", [GUNICORN, GUNICORN_CONFIGURED])
    def test_should_end_the_start_of_gunicorn_without_a_traceback(
        self, start_tracker: StartTracker, command: tuple[str, ...]
    ) -> None:
        tracker = start_tracker(
            command=command, PAGE_TRACKER_BACKEND="sqlite:///dev/null/counts.db"
        )

        assert tracker.exit_code() != 0
        assert tracker.log.count("cannot write to /dev/null: ") == 1
        assert "Traceback" not in tracker.log
