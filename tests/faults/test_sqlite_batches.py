"""A batch of views is in a SQLite file as a whole or not at all, whatever is killed."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from page_tracker import Page
from page_tracker.backends.sqlite import batches, changing
from page_tracker.backends.sqlite.backend import SqliteBackend
from tests.contract_batches import of_two_sites
from tests.contract_owner import TODAY
from tests.faults.sqlite import is_damaged


def die(*_: object, **__: object) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(module: Any, name: str) -> None:
    """Let a function of a module kill this process at its end."""
    function = getattr(module, name)

    def call_and_die(*arguments: Any, **named: Any) -> None:
        function(*arguments, **named)
        die()

    setattr(module, name, call_and_die)


STEPS: dict[str, Callable[[], None]] = {
    "before all": lambda: setattr(batches, "record", die),
    "after the views": lambda: die_after(batches, "record"),
    "after the name": lambda: die_after(changing, "_keep_result"),
    "after the transaction": lambda: None,
}


def record_and_die(file: Path, page: Page, step: str) -> None:
    """Record a batch, and die at a step."""
    # The process ends, so nothing has to be restored.
    STEPS[step]()
    SqliteBackend(file).record_batch(of_two_sites(page), name="a", today=TODAY)
    die()


@pytest.mark.parametrize("step", STEPS)
def test_should_count_a_batch_once_and_as_a_whole_if_killed(
    tmp_path: Path, page: Page, step: str
) -> None:
    file, views = tmp_path / "counts.db", of_two_sites(page)
    process = multiprocessing.get_context("fork").Process(
        target=record_and_die, args=(file, page, step)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    backend = SqliteBackend(file)
    pages = [views[1].page, views[2].page]

    found = [tally.page_views for tally in backend.tallies(pages, TODAY)]
    for _ in range(2):
        backend.record_batch(views, name="a", today=TODAY)

    assert found == ([3, 2] if step == "after the transaction" else [0, 0])
    assert [tally.page_views for tally in backend.tallies(pages, TODAY)] == [3, 2]
    assert not is_damaged(file)
