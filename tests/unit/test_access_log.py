"""What is logged of requests, and how lines are written."""

import json
import logging
import re
from typing import Any

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Rules, create_app
from page_tracker.operations.logs import LOG_FORMATS, formatter

TOKEN = "an-owner-s-token-of-the-tests"


@pytest.fixture(name="client")
def fixture_client(caplog: pytest.LogCaptureFixture) -> TestApp:
    """A tracker that logs its requests."""
    caplog.set_level(logging.INFO)
    rules = Rules(token=TOKEN, base_path="/counter")
    return TestApp(create_app(backend=MemoryBackend(), rules=rules, access_log=True))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line in JSON says of a request."""
    line = formatter("json").format(record)
    assert "\n" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def test_should_log_nothing_unless_told_to(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    TestApp(create_app(backend=MemoryBackend())).get("/")

    assert not caplog.records


def test_should_log_each_request_in_a_line(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    body = client.get("/counter/hit.txt?page=example.com/%C3%A9+a").body
    client.head("/nowhere", status=404)

    hit, nowhere = caplog.messages
    assert re.fullmatch(
        rf"GET /hit\.txt\?page=example\.com/%C3%A9\+a /hit\.txt 200 {len(body)} bytes "
        r"\d+\.\d{3} ms",
        hit,
    )
    assert nowhere.startswith("HEAD /nowhere other 404 0 bytes ")


def test_should_log_each_request_as_fields(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/hit/example.com/a-key?x=y")

    told = fields(caplog.records[0])
    assert told["logger"] == "page_tracker.access" and told["level"] == "INFO"
    assert told["method"] == "GET"
    assert told["target"] == "/hit/example.com/a-key?x=y"
    assert told["route"] == "/hit/{namespace}/{key}"
    assert (told["status"], told["bytes"]) == (200, len('{"value": 1}\n'))
    assert 0 <= told["milliseconds"] < 10_000


def test_should_log_nothing_of_who_asks(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(
        "/metrics",
        headers={
            "Authorization": f"Bearer {TOKEN}",
            "User-Agent": "Agent of somebody",
            "Referer": "https://example.com/from",
            "X-Forwarded-For": "192.0.2.7",
        },
        extra_environ={"REMOTE_ADDR": "192.0.2.8"},
    )

    line = formatter("json").format(caplog.records[0])
    for secret in (TOKEN, "somebody", "/from", "192.0.2"):
        assert secret not in line + caplog.text


@pytest.mark.parametrize("log_format", LOG_FORMATS)
@pytest.mark.parametrize(
    "place",
    ["/\n[1] forged", "/\r\x1b[2J", '/"quoted"', "/\u00e9\u0085\u009b", "/%0a%1b[2J"],
)
def test_should_let_nobody_forge_lines_or_steer_terminals(
    client: TestApp, caplog: pytest.LogCaptureFixture, place: str, log_format: str
) -> None:
    raw = {"PATH_INFO": place, "QUERY_STRING": place}
    client.get("/", extra_environ=raw, status=404)

    line = formatter(log_format).format(caplog.records[0])

    assert line.isascii() and line.isprintable()
    assert caplog.messages[0].count(" ") == 7 and '"' not in caplog.messages[0]


def test_should_write_an_exception_into_one_line_of_json() -> None:
    error = ValueError("of several\nlines")
    record = logging.LogRecord(
        *("page_tracker", logging.ERROR, "", 0, "Failed: %s", ("x\ny",)),
        exc_info=(type(error), error, None),
    )

    told = fields(record)

    assert told["message"] == "Failed: x\ny"
    assert told["exc_info"] == "ValueError: of several\nlines"
    assert re.match(r"\d{4}-\d\d-\d\dT", told["time"])
