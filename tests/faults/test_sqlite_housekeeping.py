"""Housekeeping in the background meets errors, and the end of its process."""

import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from page_tracker import Page
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite import housekeeping
from page_tracker.backends.sqlite.backend import SqliteBackend
from tests.faults.recording import view

# The process counts a view, and ends while housekeeping uses its connection.
_PROGRAM = """
import sys, time
sleep = time.sleep
if sys.argv[2] == "greenlets":
    from gevent.monkey import patch_all
    patch_all()
from datetime import date
from pathlib import Path
from threading import Event
from page_tracker import Page, View
from page_tracker.backends.sqlite import housekeeping
from page_tracker.backends.sqlite.backend import SqliteBackend

begun = Event()

def work(database):
    begun.set()
    database.use(lambda _: sleep(60))

housekeeping._FIRST_AFTER_S = 0
housekeeping.remove_expired = work
backend = SqliteBackend(Path(sys.argv[1]))
backend.record(View(Page("a.example", "/"), date.today()))
assert begun.wait(10)
"""


@pytest.mark.parametrize("threads", ["threads", "greenlets"])
def test_should_let_the_process_end_while_it_works(
    tmp_path: Path, threads: str
) -> None:
    file = tmp_path / "counts.db"
    file.touch()

    command = [sys.executable, "-c", _PROGRAM, str(file), threads]
    subprocess.run(command, check=True, timeout=20)


@pytest.mark.parametrize("error", [BackendError("on purpose"), OSError("on purpose")])
def test_should_go_on_after_an_error(
    tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    calls, again = [], Event()

    def work(_: object) -> None:
        calls.append(1)
        if len(calls) > 1:
            again.set()
        raise error

    monkeypatch.setattr(housekeeping, "_FIRST_AFTER_S", 0)
    monkeypatch.setattr(housekeeping, "EVERY_S", 0.01)
    monkeypatch.setattr(housekeeping, "remove_expired", work)
    (tmp_path / "counts.db").touch()

    backend = SqliteBackend(tmp_path / "counts.db")
    backend.record(view(page))

    assert again.wait(10)
