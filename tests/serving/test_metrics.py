"""/metrics of a server with several workers, also when workers start and stop."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor

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
COMMANDS = pytest.mark.parametrize(
    "command", [PAGE_TRACKER, GUNICORN_CONFIGURED], ids=["page-tracker", "-c"]
)


def scrape(url: str) -> requests.Response:
    """Request the metrics with the owner's token, over a new connection."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.get(f"{url}/metrics", headers=headers, timeout=TIMEOUT_S)


def number(url: str, sample: str) -> float:
    """Return the value of one sample, by its name and labels."""
    text = scrape(url).text
    found = re.search(rf"^page_tracker_{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found[1])


def answered(url: str) -> float:
    """Return the number of successful requests in read() that the metrics show."""
    return number(url, 'requests_total{route="/views.txt",status="2xx"}')


def read(url: str, times: int) -> None:
    """Read a page several times, each over a new connection, so that all workers do."""

    def once(_: int) -> None:
        response = requests.get(f"{url}/views.txt?page=example.com", timeout=TIMEOUT_S)
        assert response.status_code == 200

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(once, range(times)))


def wait_for_workers(tracker: TrackerServer, url: str, ever: int, alive: int) -> None:
    """Wait until this many workers have ever been started, and this many are alive."""
    started = "Booting worker with pid"
    wait_until(lambda: tracker.log.count(started) == ever, f"{ever} workers")
    wait_until(lambda: number(url, "workers") == alive, f"{alive} workers alive")


@COMMANDS
def test_should_show_all_requests_when_workers_start_and_stop(
    start_tracker: StartTracker, redis_url: str, command: tuple[str, ...]
) -> None:
    tracker = start_tracker(
        command=command, REDIS_URL=redis_url, PAGE_TRACKER_TOKEN=TOKEN
    )
    url = tracker.address()
    wait_for_workers(tracker, url, ever=2, alive=2)

    read(url, 200)
    assert {answered(url) for _ in range(10)} == {200}

    tracker.kill_worker()
    wait_for_workers(tracker, url, ever=3, alive=2)
    read(url, 50)
    assert {answered(url) for _ in range(10)} == {250}

    tracker.send(signal.SIGHUP)
    wait_for_workers(tracker, url, ever=5, alive=2)
    read(url, 50)
    assert {answered(url) for _ in range(10)} == {300}

    tracker.send(signal.SIGTTIN)
    wait_for_workers(tracker, url, ever=6, alive=3)
    tracker.send(signal.SIGTTOU)
    wait_for_workers(tracker, url, ever=6, alive=2)
    assert {answered(url) for _ in range(10)} == {300}


def test_should_show_batches_and_ignored_views(
    start_tracker: StartTracker, redis_url: str
) -> None:
    tracker = start_tracker(REDIS_URL=redis_url, PAGE_TRACKER_TOKEN=TOKEN)
    url = tracker.address()
    crawler = {"User-Agent": "Googlebot/2.1"}
    ignored = 'ignored_total{reason="crawler"}'
    with requests.Session() as session:
        for _ in range(5):
            session.get(f"{url}/", timeout=TIMEOUT_S)
        session.get(f"{url}/", headers=crawler, timeout=TIMEOUT_S)

    assert number(url, "batch_views_sum") == 6
    assert 1 <= number(url, "batch_views_count") <= 6
    assert number(url, "commit_seconds_count") >= number(url, "batch_views_count")
    assert number(url, ignored) == 1
    assert number(url, "breakers_open") == 0


def test_should_show_one_process_that_counts_in_memory(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(REDIS_URL="memory://", PAGE_TRACKER_TOKEN=TOKEN)
    url = tracker.address()

    read(url, 20)

    assert answered(url) == 20


def test_should_show_one_worker_of_plain_gunicorn(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        command=GUNICORN, REDIS_URL="memory://", PAGE_TRACKER_TOKEN=TOKEN
    )
    url = tracker.address()

    read(url, 20)

    assert answered(url) == 20


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["", "--preload"])
def test_should_refuse_when_workers_do_not_share_their_numbers(
    start_tracker: StartTracker, redis_url: str, options: tuple[str, ...]
) -> None:
    tracker = start_tracker(
        *("--workers", "2", *options),
        command=GUNICORN,
        REDIS_URL=redis_url,
        PAGE_TRACKER_TOKEN=TOKEN,
    )

    response = scrape(tracker.address())

    assert response.status_code == 503
    assert "page_tracker.gunicorn_conf" in response.text
