"""A backend that can fail, and live updates of its counts."""

import logging
from collections.abc import Iterator

import pytest

from page_tracker.operations.logs import FailureLog
from page_tracker.web import live
from page_tracker.web.live import Live
from tests.servers import wait_until
from tests.unit.live.streams import DAY, Backend, Calendar, readers


@pytest.fixture(name="counts")
def fixture_counts() -> Backend:
    return Backend()


@pytest.fixture(name="updates")
def fixture_updates(counts: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Live updates with 100 readings a second, so that tests are fast."""
    monkeypatch.setattr(live, "_READ_EVERY_S", 0.01)
    monkeypatch.setattr(live, "_PAUSE_S", 0)
    monkeypatch.setattr(live, "_HEARTBEAT_S", 20)
    monkeypatch.setattr(Calendar, "days", [DAY])
    updates = Live(counts, Calendar(), FailureLog(logging.getLogger("page_tracker")))
    yield updates
    counts.answers.set()
    updates.end()
    wait_until(lambda: not readers(), "the end of reading")
