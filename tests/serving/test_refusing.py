"""Requests that are refused while their client still sends, or that are not valid."""

import json
import signal
import time
from contextlib import closing

import pytest
import requests

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.servers import TrackerServer, connect, read_all

TOKEN = "an-owners-token-of-more-than-thirty-two-characters"
FORM = "Content-Type: application/x-www-form-urlencoded"
LARGE = 2_000_000
TIMES = 20


@pytest.fixture(name="tracker", scope="module")
def fixture_tracker(start_shared_tracker: StartTracker) -> TrackerServer:
    """A tracker below a base path that counts in memory."""
    return start(start_shared_tracker)


@pytest.fixture(name="own_tracker")
def fixture_own_tracker(start_tracker: StartTracker) -> TrackerServer:
    """Such a tracker for one test only, which may stop it or read all of its log."""
    return start(start_tracker)


def start(start_tracker: StartTracker) -> TrackerServer:
    """Start a tracker below a base path that counts in memory."""
    return start_tracker(
        REDIS_URL="memory://",
        PAGE_TRACKER_TOKEN=TOKEN,
        PAGE_TRACKER_BASE_PATH="/stats",
    )


def ask(tracker: TrackerServer, text: str) -> tuple[str, dict[str, str], str]:
    """Send all, and only then read. Return the status line, the headers and the body.

    A reset of the connection is an error.
    """
    with closing(connect(tracker.address())) as client:
        client.sendall(text.encode())
        answer = read_all(client)
    head, _, body = answer.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


def request(first_line: str, *headers: str, body: str = "") -> str:
    """Return the text of a request."""
    return "\r\n".join((first_line, "Host: x", *headers, "", body))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            request(
                "POST /stats/hit.json HTTP/1.1",
                FORM,
                f"Content-Length: {LARGE}",
                body="x" * LARGE,
            ),
            413,
        ),
        (
            request("POST /x HTTP/1.1", f"Content-Length: {LARGE}", body="x" * LARGE),
            404,
        ),
        (
            request(
                "POST /stats/api/sites HTTP/1.1",
                "Transfer-Encoding: chunked",
                body=f"{LARGE:x}\r\n{'x' * LARGE}\r\n0\r\n\r\n",
            ),
            405,
        ),
        (request(f"GET /stats/hit.json?page={'x' * 18_000} HTTP/1.1"), 414),
        (request("GET / HTTP/1.1", *(f"X{n}: {'x' * 90}" for n in range(10_000))), 431),
        (
            request("POST / HTTP/1.1", "Transfer-Encoding: x", body="x" * LARGE),
            501,
        ),
    ],
    ids=["form", "unknown path", "chunks", "request line", "headers", "coding"],
)
def test_should_answer_a_client_that_reads_only_after_it_has_sent_all(
    tracker: TrackerServer, text: str, status: int
) -> None:
    answers = {ask(tracker, text)[0].split()[1] for _ in range(TIMES)}

    assert answers == {str(status)}
    assert "Traceback" not in tracker.log


LONG = "x" * 5000


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (request(f"GET /stats/hit.json?page={LONG} HTTP/1.1"), 414),
        (request("GET /stats/hit.json HTTP/1.1", f"X: {'x' * 9000}"), 431),
        (request("GET /stats/views.json HTTP/1.1", *(["X: x"] * 200)), 431),
        (request("GET /stats/hit.json HTTP/1.1", "Expect: x"), 417),
        (request("POST /stats/hit.json HTTP/1.1", "Transfer-Encoding: x"), 501),
        (request("POST /stats/hit.json HTTP/1.1", "Content-Length: x"), 400),
        (request("GET /stats/hit.json HTTP/3.0"), 505),
        (request("GET /stats/hit.json HTTP"), 400),
        (request("GET /stats/hit.json"), 400),
        (request("GET /stats/hit.json HTTP/1.1", "no header"), 400),
    ],
)
def test_should_refuse_in_the_format_of_the_route_for_all_origins(
    tracker: TrackerServer, text: str, status: int
) -> None:
    line, headers, body = ask(tracker, text)

    assert line.startswith(f"HTTP/1.1 {status} ")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Content-Type"] == "application/json"
    assert headers["Connection"] == "close"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert list(json.loads(body)) == ["error"]


@pytest.mark.parametrize(
    ("path", "media_type", "cross_origin"),
    [
        ("/stats/api/sites", "application/json", False),
        ("/stats/api/unknown", "application/json", False),
        ("/stats/readyz", "application/json", False),
        ("/stats/hit.txt", "text/plain; charset=utf-8", True),
        ("/stats/hit.svg", "image/svg+xml", True),
        ("/stats/track.js", "text/plain; charset=utf-8", True),
        ("/stats/metrics", "text/plain; charset=utf-8", False),
        ("/stats/dashboard", "text/plain; charset=utf-8", False),
        ("/stats", "text/plain; charset=utf-8", False),
        ("/%", "text/plain; charset=utf-8", False),
    ],
)
def test_should_refuse_in_the_format_of_each_route(
    tracker: TrackerServer, path: str, media_type: str, cross_origin: bool
) -> None:
    _, headers, body = ask(tracker, request(f"GET {path} HTTP/1.1", f"X: {'x' * 9000}"))

    assert headers["Content-Type"] == media_type
    assert ("Access-Control-Allow-Origin" in headers) == cross_origin
    assert "headers are too many or too long; allowed: 100" in body


def test_should_refuse_a_target_that_is_no_url_as_text(tracker: TrackerServer) -> None:
    line, headers, _ = ask(tracker, request("GET http://[x/ HTTP/1.1"))

    assert line == "HTTP/1.1 400 Bad Request"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"


def test_should_log_nothing_that_a_refused_client_sent(
    own_tracker: TrackerServer,
) -> None:
    ask(own_tracker, request("GET /secret /secret HTTP/1.1"))
    ask(own_tracker, request("GET / HTTP/1.1", "secret"))
    ask(own_tracker, request("secret / HTTP/1.1"))

    logged = [
        line for line in own_tracker.log.splitlines() if "Invalid request" in line
    ]
    assert len(logged) == 3
    assert "secret" not in own_tracker.log and "127.0.0.1:" not in "".join(logged)


def test_should_not_wait_long_for_a_client_that_does_not_leave(
    tracker: TrackerServer,
) -> None:
    with closing(connect(tracker.address())) as client:
        client.sendall(request("GET / HTTP/1.1", "no header").encode())
        assert read_all(client).startswith("HTTP/1.1 400 ")
        refused = time.monotonic()

        # The kernel resets a connection only after the server has closed it.
        while time.monotonic() < refused + 10:
            try:
                client.sendall(b"x")
            except OSError:
                break
            time.sleep(0.1)

        assert time.monotonic() < refused + 4


def test_should_stop_although_a_client_does_not_leave(
    own_tracker: TrackerServer,
) -> None:
    with closing(connect(own_tracker.address())) as client:
        client.sendall(request("GET / HTTP/1.1", "no header").encode())
        assert read_all(client).startswith("HTTP/1.1 400 ")

        own_tracker.send(signal.SIGTERM)

        assert own_tracker.exit_code() == 0
    assert "Traceback" not in own_tracker.log and "timeout" not in own_tracker.log


def test_should_keep_a_connection_after_an_error_without_a_body(
    tracker: TrackerServer,
) -> None:
    with requests.Session() as session:
        url = f"{tracker.address()}/stats/hit.json"

        refused = session.get(url, timeout=TIMEOUT_S)
        counted = session.get(f"{url}?page=kept.example", timeout=TIMEOUT_S)

    assert refused.status_code == 400
    assert refused.headers["Connection"] == "keep-alive"
    assert counted.json()["views"] == 1
