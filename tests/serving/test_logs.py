"""The log of a real server, in each of the formats."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.servers import (
    GUNICORN,
    GUNICORN_CONFIGURED,
    PAGE_TRACKER,
    TrackerServer,
    wait_until,
)

TOKEN = "an-owner-s-token-of-the-tests"


def logged(tracker: TrackerServer) -> list[dict[str, Any]]:
    """Return the lines of the log."""
    return [json.loads(line) for line in tracker.log.splitlines()]


@pytest.mark.parametrize(
    "command", [PAGE_TRACKER, GUNICORN_CONFIGURED], ids=["page-tracker", "-c"]
)
def test_should_write_every_line_as_json(
    start_tracker: StartTracker, command: tuple[str, ...]
) -> None:
    tracker = start_tracker(
        command=command,
        REDIS_URL="memory://",
        PAGE_TRACKER_TOKEN=TOKEN,
        PAGE_TRACKER_LOG_FORMAT="json",
        PAGE_TRACKER_ACCESS_LOG="true",
    )
    wait_until(lambda: "Booting worker" in tracker.log, "a worker")
    started = [line["message"] for line in logged(tracker)]
    (listening,) = [line for line in started if line.startswith("Listening at")]
    url = listening.split()[2]

    requests.get(f"{url}/hit.json?page=example.com", timeout=TIMEOUT_S)
    tracker.finish()

    lines = logged(tracker)
    assert {line["logger"] for line in lines} == {
        "page_tracker",
        "page_tracker.access",
        "gunicorn.error",
    }
    (access,) = [line for line in lines if "route" in line]
    assert (access["target"], access["status"]) == ("/hit.json?page=example.com", 200)
    assert TOKEN not in tracker.log and "127.0.0.1" not in str(access)


def test_should_print_the_link_with_a_token_as_json_too(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        "--log-format", "json", in_terminal=True, REDIS_URL="memory://"
    )
    url = tracker.address()

    (link,) = [line["dashboard"] for line in logged(tracker) if "dashboard" in line]

    assert re.fullmatch(r"http://owner:[\w-]{43}@[\d.]+:\d+/dashboard", link)
    assert link.endswith(url.removeprefix("http://") + "/dashboard")


@pytest.mark.parametrize(
    "command",
    [PAGE_TRACKER, GUNICORN_CONFIGURED, GUNICORN],
    ids=["page-tracker", "-c", "gunicorn"],
)
def test_should_warn_of_a_misspelled_variable_once(
    start_tracker: StartTracker, command: tuple[str, ...], tmp_path: Path
) -> None:
    tracker = start_tracker(
        command=command,
        PAGE_TRACKER_BACKEND=f"sqlite://{tmp_path}/counts.db",
        PAGE_TRACKER_SITE="example.com",
    )
    requests.get(tracker.address(), timeout=TIMEOUT_S)
    wait_until(lambda: tracker.log.count("Booting worker") >= 1, "a worker")
    tracker.finish()

    (line,) = [line for line in tracker.log.splitlines() if "PAGE_TRACKER_SITE" in line]
    assert "[WARNING] PAGE_TRACKER_SITE is not a setting; did you mean " in line
    assert line.endswith(" PAGE_TRACKER_SITES?")


def test_should_log_no_requests_by_default(start_tracker: StartTracker) -> None:
    tracker = start_tracker(REDIS_URL="memory://")
    url = tracker.address()

    requests.get(f"{url}/hit.json?page=example.com", timeout=TIMEOUT_S)
    tracker.finish()

    assert "hit.json" not in tracker.log


def test_should_log_requests_with_the_option(start_tracker: StartTracker) -> None:
    tracker = start_tracker("--access-log", REDIS_URL="memory://")
    url = tracker.address()

    requests.get(f"{url}/hit.json?page=example.com", timeout=TIMEOUT_S)
    tracker.finish()

    assert "] GET /hit.json?page=example.com /hit.json 200 " in tracker.log
