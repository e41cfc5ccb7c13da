"""Only the owner can open the dashboard."""

import re
import time

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.owner import TOKEN, basic
from tests.servers import TrackerServer, wait_until


def link_of(tracker: TrackerServer) -> str:
    """Wait until the tracker serves, and return the link to its dashboard."""
    tracker.address()
    (link,) = re.findall(r"\bDashboard: (\S*)", tracker.log)
    assert isinstance(link, str)
    return link


def ask(url: str, **headers: str) -> requests.Response:
    """Send one request."""
    return requests.get(url, headers=headers, timeout=TIMEOUT_S)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.2.3"])
def test_should_print_a_link_that_works(start_tracker: StartTracker, host: str) -> None:
    variables = {"REDIS_URL": "memory://", "PAGE_TRACKER_BASE_PATH": "/counter"}
    tracker = start_tracker("--host", host, in_terminal=True, **variables)
    url, link = tracker.address(), link_of(tracker)

    assert re.fullmatch(r"http://owner:[\w-]{43}@[\d.]+:\d+/counter/dashboard", link)
    assert ask(link).status_code == 200
    assert ask(f"{url}/counter/dashboard").status_code == 401


def test_should_create_a_new_token_at_each_start(start_tracker: StartTracker) -> None:
    trackers = [
        start_tracker(in_terminal=True, REDIS_URL="memory://") for _ in range(2)
    ]
    links = {re.sub(":[0-9]+/", "/", link_of(tracker)) for tracker in trackers}

    assert len(links) == 2


def test_should_create_no_token_if_its_output_may_be_stored(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(REDIS_URL="memory://")
    url = tracker.address()

    answer = ask(f"{url}/dashboard")

    assert answer.status_code == 403 and "page-tracker token" in answer.text
    assert "owner" not in tracker.log and "Dashboard:" not in tracker.log
    assert "The dashboard is closed: set the variable that " in tracker.log


@pytest.mark.parametrize("in_terminal", [True, False])
def test_should_name_the_public_url(
    start_tracker: StartTracker, in_terminal: bool
) -> None:
    tracker = start_tracker(
        *("--url", "https://counter.example/"),
        in_terminal=in_terminal,
        REDIS_URL="memory://",
        PAGE_TRACKER_BASE_PATH="/counter",
        PAGE_TRACKER_TOKEN=TOKEN,
    )
    tracker.address()

    assert link_of(tracker) == "https://counter.example/counter/dashboard"
    assert " Open https://counter.example/counter\n" in tracker.log
    assert TOKEN not in tracker.log


def test_should_share_the_token_among_all_workers(
    start_tracker: StartTracker, redis_url: str
) -> None:
    tracker = start_tracker(in_terminal=True, REDIS_URL=redis_url)
    link = link_of(tracker)
    wait_until(lambda: tracker.log.count("Booting worker") == 2, "two workers")

    answers = [ask(link).status_code for _ in range(20)]

    assert answers == [200] * 20


def test_should_not_reveal_a_token_that_is_set(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(REDIS_URL="memory://", PAGE_TRACKER_TOKEN=TOKEN)
    url, link = tracker.address(), link_of(tracker)

    assert link == f"{url}/dashboard"
    assert ask(link, **basic("owner", TOKEN)).status_code == 200
    assert ask(link, **basic("owner", "guess-of-somebody")).status_code == 401
    assert "Not authorized: the token is wrong (1 refused so far)" in tracker.log
    assert TOKEN not in tracker.log and "guess-of-somebody" not in tracker.log


def test_should_create_no_token_on_a_public_address(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        "--host", "0.0.0.0", in_terminal=True, REDIS_URL="memory://"
    )
    tracker.address()
    (url,) = re.findall(r"Open (http://localhost:\d+)", tracker.log)

    answer = ask(f"{url}/dashboard")

    assert answer.status_code == 403 and "page-tracker token" in answer.text
    assert "Dashboard:" not in tracker.log
    assert "The dashboard is closed: set the variable that " in tracker.log


def test_should_exit_with_one_line_when_the_token_is_not_valid(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(REDIS_URL="memory://", PAGE_TRACKER_TOKEN="s3cret")

    assert tracker.exit_code() == 2
    (line,) = tracker.log.splitlines()
    assert line.startswith("page-tracker: PAGE_TRACKER_TOKEN: the token is not valid; ")


def test_should_delay_only_requests_with_a_wrong_token(
    start_tracker: StartTracker,
) -> None:
    url = start_tracker(REDIS_URL="memory://", PAGE_TRACKER_TOKEN=TOKEN).address()
    begun = time.monotonic()
    assert ask(f"{url}/api/sites", **basic("x", "y")).status_code == 401
    slowed = time.monotonic() - begun

    begun = time.monotonic()
    assert ask(f"{url}/api/sites", **basic("x", TOKEN)).status_code == 200
    assert ask(f"{url}/dashboard").status_code == 401

    assert slowed >= 1
    assert time.monotonic() - begun < 1
