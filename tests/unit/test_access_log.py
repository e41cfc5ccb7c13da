"""Tests of the access log, and of the formats of log lines."""

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
    """A client of a tracker that logs its requests."""
    caplog.set_level(logging.INFO)
    rules = Rules(token=TOKEN, base_path="/counter")
    return TestApp(create_app(backend=MemoryBackend(), rules=rules, access_log=True))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Format a record as a line of JSON, and return its fields."""
    line = formatter("json").format(record)
    assert "\n" not in line
    logged: dict[str, Any] = json.loads(line)
    return logged


def test_should_log_no_requests_by_default(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    TestApp(create_app(backend=MemoryBackend())).get("/")

    assert not caplog.records


def test_should_log_each_request_on_one_line(
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

    logged = fields(caplog.records[0])
    assert logged["logger"] == "page_tracker.access" and logged["level"] == "INFO"
    assert logged["method"] == "GET"
    assert logged["target"] == "/hit/example.com/a-key?x=y"
    assert logged["route"] == "/hit/{namespace}/{key}"
    assert (logged["status"], logged["bytes"]) == (200, len('{"value": 1}\n'))
    assert 0 <= logged["milliseconds"] < 10_000


def test_should_log_nothing_about_the_client(
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
def test_should_escape_line_breaks_and_control_characters(
    client: TestApp, caplog: pytest.LogCaptureFixture, place: str, log_format: str
) -> None:
    raw = {"PATH_INFO": place, "QUERY_STRING": place}
    client.get("/", extra_environ=raw, status=404)

    line = formatter(log_format).format(caplog.records[0])

    assert line.isascii() and line.isprintable()
    assert caplog.messages[0].count(" ") == 7 and '"' not in caplog.messages[0]


def test_should_write_an_exception_as_one_line_of_json() -> None:
    error = ValueError("of several\nlines")
    record = logging.LogRecord(
        *("page_tracker", logging.ERROR, "", 0, "Failed: %s", ("x\ny",)),
        exc_info=(type(error), error, None),
    )

    logged = fields(record)

    assert logged["message"] == "Failed: x\ny"
    assert logged["exc_info"] == "ValueError: of several\nlines"
    assert re.match(r"\d{4}-\d\d-\d\dT", logged["time"])
