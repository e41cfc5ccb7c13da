"""Counting in a SQLite file through losses of power."""

import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests import disk
from tests.conftest import StartTracker
from tests.counting import Load, Outcome
from tests.faults.sqlite import is_damaged, views_in

COMMAND = (sys.executable, "-m", "tests.disk", "--port", "0", "--workers", "2")
CLIENTS = 16


@pytest.mark.parametrize(
    "losses",
    [
        2,
        pytest.param(30, marks=[pytest.mark.storm, pytest.mark.timeout(240)]),
    ],
)
def test_should_keep_each_counted_view_through_losses_of_power(
    start_tracker: StartTracker, tmp_path: Path, losses: int
) -> None:
    before, seen = tmp_path / "0", Outcome()
    before.mkdir()
    for loss in range(1, losses + 1):
        after = Path(shutil.copytree(before, tmp_path / str(loss)))
        tracker = start_tracker(
            command=COMMAND,
            PAGE_TRACKER_BACKEND=f"sqlite://{before / 'counts.db'}",
            **{disk.COPY: str(after)},
        )
        with Load(tracker.address(), CLIENTS) as load:
            load.wait_for_views()
            # So that the power is lost at any moment of a commit.
            time.sleep(random.uniform(0, 0.1))
            tracker.send_to_all(signal.SIGKILL)
            tracker.exit_code()
        seen.numbers += load.numbers
        seen.failures += load.failures
        before = after

    seen.assert_counted(views_in(before / "counts.db"))
    assert not is_damaged(before / "counts.db")
