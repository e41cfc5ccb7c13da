"""Exports and imports over HTTP, on real servers with counts in a file and in Redis."""

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.conftest import StartRedis, StartTracker
from tests.counting import TIMEOUT_S
from tests.owner import BEARER, TOKEN
from tests.servers import (
    GUNICORN,
    PAGE_TRACKER,
    TrackerServer,
    connect,
    read_all,
    wait_until,
)

UPLOAD = {**BEARER, "Content-Type": "application/octet-stream"}
BASE = "/stats"
# Paths of this length make files that no buffer on the way takes in as a whole.
LONG = "x" * 1000
PAGES = 8_000


@pytest.fixture(name="storage", params=["sqlite", "redis"])
def fixture_storage(
    request: pytest.FixtureRequest, tmp_path: Path, start_redis: StartRedis
) -> str:
    """The URL of an empty storage."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path}/counts.db"
    return start_redis().url


@pytest.fixture(name="tracker")
def fixture_tracker(start_tracker: StartTracker, storage: str) -> TrackerServer:
    """A tracker below a base path."""
    return start(start_tracker, storage)


def start(
    start_tracker: StartTracker, storage: str, command: tuple[str, ...] = PAGE_TRACKER
) -> TrackerServer:
    """Start a tracker with these counts."""
    return start_tracker(
        command=command,
        PAGE_TRACKER_BACKEND=storage,
        PAGE_TRACKER_TOKEN=TOKEN,
        PAGE_TRACKER_BASE_PATH=BASE,
    )


def export(tracker: TrackerServer, query: str) -> requests.Response:
    """Export, and read the whole answer."""
    url = f"{tracker.address()}{BASE}/api/export?{query}"
    return requests.get(url, headers=BEARER, timeout=TIMEOUT_S)


def upload(tracker: TrackerServer, content: bytes, query: str) -> requests.Response:
    """Upload a file."""
    url = f"{tracker.address()}{BASE}/api/import?{query}"
    return requests.post(url, content, headers=UPLOAD, timeout=60)


def views(tracker: TrackerServer, page: str) -> int:
    """Return the views of a page."""
    url = f"{tracker.address()}{BASE}/views.txt?page={page}"
    return int(requests.get(url, timeout=TIMEOUT_S).text)


def large_file() -> bytes:
    """Return a CSV with long names of pages, each with two views."""
    rows = (f"example.com/{number}/{LONG},2\n" for number in range(PAGES))
    return b"page,views\n" + "".join(rows).encode()


@contextmanager
def begun_export(
    tracker: TrackerServer, version: str = "1.1"
) -> Iterator[socket.socket]:
    """Begin to read an export. Little of it fits into the buffers on the way."""
    address = urlsplit(tracker.address())
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(TIMEOUT_S)
        client.connect((address.hostname, address.port))
        client.sendall(
            f"GET {BASE}/api/export HTTP/{version}\r\nHost: x\r\n"
            f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        assert client.recv(100).startswith(f"HTTP/{version} 200 OK\r\n".encode())
        yield client


def children(tracker: TrackerServer, command: str) -> list[psutil.Process]:
    """Return the processes that run a command for the tracker."""
    found = []
    for child in psutil.Process(tracker.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if command in child.cmdline():
                found.append(child)
    return found


@pytest.mark.parametrize("command", [PAGE_TRACKER, (*GUNICORN, "--workers", "2")])
def test_should_import_what_another_tracker_exports(
    start_tracker: StartTracker,
    storage: str,
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    old = start(start_tracker, storage, command)
    for page in ("example.com/blog", "example.com/blog", "b.example/"):
        requests.get(
            f"{old.address()}{BASE}/hit.txt?page={page}", timeout=TIMEOUT_S
        ).raise_for_status()
    new = start(start_tracker, f"sqlite://{tmp_path}/new.db", command)

    file = export(old, "format=json")
    dry = upload(new, file.content, "dry_run=true")
    before = views(new, "example.com/blog")
    once, again = [upload(new, file.content, "dry_run=false") for _ in range(2)]

    assert file.headers["Content-Type"] == "application/json"
    assert [(dry.status_code, dry.json()["added"]), before] == [(200, False), 0]
    assert once.json() == dry.json() | {"added": True}
    assert again.json() == dry.json()
    assert export(new, "format=json").content == file.content
    assert export(new, "site=b.example").text == "page,views\nb.example/,1\n"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_should_reset_the_connection_if_an_export_fails_half_way(
    tracker: TrackerServer, version: str
) -> None:
    assert upload(tracker, large_file(), "").json()["added"]

    with begun_export(tracker, version) as client:
        for child in children(tracker, "export"):
            child.kill()

        # A whole answer ends without.
        with pytest.raises(ConnectionResetError):
            read_all(client)

    wait_until(lambda: "An export has broken off: " in tracker.log, "the log")
    assert "Traceback" not in tracker.log


def test_should_end_the_export_of_a_client_that_leaves(tracker: TrackerServer) -> None:
    assert upload(tracker, large_file(), "").json()["added"]

    with begun_export(tracker):
        assert children(tracker, "export")

    wait_until(lambda: not children(tracker, "export"), "the export to end")


def test_should_import_nothing_of_a_client_that_leaves_half_way(
    tracker: TrackerServer,
) -> None:
    with closing(connect(tracker.address())) as client:
        client.sendall(
            f"POST {BASE}/api/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: 50\r\n\r\n"
            "page,views\nexample.com/,5\n".encode()
        )
        client.shutdown(socket.SHUT_WR)
        answer = read_all(client)

    assert "the body is shorter than its Content-Length" in answer
    assert views(tracker, "example.com/") == 0
    assert upload(tracker, b"page,views\nexample.com/,5\n", "").json()["added"]


def test_should_count_a_file_once_if_a_worker_is_killed_meanwhile(
    tracker: TrackerServer,
) -> None:
    content = large_file()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(upload, tracker, content, "")
        wait_until(lambda: children(tracker, "import"), "the import to start")
        for _ in range(2):
            tracker.kill_worker()
        with pytest.raises(requests.RequestException):
            first.result()

    def imports_again() -> bool:
        with suppress(requests.RequestException):
            return upload(tracker, content, "").status_code == 200
        return False

    wait_until(imports_again, "an import by the new workers")

    assert views(tracker, f"example.com/1/{LONG}") == 2
    assert export(tracker, "").text.count("\n") == PAGES + 1


def test_should_stop_while_an_export_is_read(tracker: TrackerServer) -> None:
    assert upload(tracker, large_file(), "").json()["added"]

    with begun_export(tracker):
        running = children(tracker, "export")
        tracker.send(signal.SIGTERM)
        tracker.exit_code()

    assert running
    wait_until(lambda: not any(each.is_running() for each in running), "its end")
