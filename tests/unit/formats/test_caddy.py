"""Caddy's access logs."""

import json
from datetime import date
from typing import Any

import pytest

from page_tracker.transfer.entries import Note
from page_tracker.transfer.formats.access_logs import CADDY
from tests.unit.formats.logs import (
    DAY,
    FIREFOX,
    GOOGLEBOT,
    TIMESTAMP,
    caddy,
    combined,
    days_of,
    left_out_of,
    views_of,
    visitors_of,
)
from tests.unit.formats.reading import document, read

_OTHER_LOGGER = '{"level":"info","ts":1795161600.5,"logger":"http","msg":"listening"}\n'
_TIMES: list[object] = [None, "x", -1, 10**400, 1e300, {}, "2026-13-20T00:00:00Z"]
"""Values that are no times."""
_NOT_OF_FORMAT = "the line does not have the format of the log"


@pytest.mark.parametrize(
    ("line", "views"),
    [
        pytest.param(caddy(), {"example.com/blog/a": 1}, id="a page"),
        pytest.param(caddy("/a?x=1"), {"example.com/a": 1}, id="a query"),
        pytest.param(
            caddy(logger="http.log.access"),
            {"example.com/blog/a": 1},
            id="default logger",
        ),
        pytest.param(
            caddy(request={"host": "Example.com:8443"}),
            {"example.com:8443/blog/a": 1},
            id="a port",
        ),
        pytest.param(
            caddy(status=304, content_type=None),
            {"example.com/blog/a": 1},
            id="from the cache",
        ),
        pytest.param(
            caddy(content_type="application/xhtml+xml"),
            {"example.com/blog/a": 1},
            id="XHTML",
        ),
        pytest.param(
            caddy(resp_headers=None), {"example.com/blog/a": 1}, id="without types"
        ),
    ],
)
def test_should_count_the_views_of_pages(line: str, views: dict[str, int]) -> None:
    assert views_of(read(CADDY, line)) == views


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (caddy(content_type="application/json"), "it is not an HTML page"),
        (caddy("/a.svg"), "it is not an HTML page"),
        (caddy("/a.css", status=304, content_type=None), "it is not an HTML page"),
        (caddy(status=404), "the status is neither 200 nor 304"),
        (caddy(request={"method": "POST"}), "the method is not GET"),
        (caddy(headers={"User-Agent": GOOGLEBOT}), "a crawler made it"),
        (
            caddy(headers={"Sec-Purpose": "prefetch;prerender"}),
            "a browser loaded it before anyone saw it",
        ),
        (
            caddy(headers={"X-Moz": "prefetch"}),
            "a browser loaded it before anyone saw it",
        ),
        (_OTHER_LOGGER, "the line is not of the access log"),
        (caddy(logger="http.log.error"), "the line is not of the access log"),
        ('{"level":"info","msg":"x"}\n', "the line is not of the access log"),
        (caddy(request={"uri": 7}), "the target is not a path"),
        *(
            (line, _NOT_OF_FORMAT)
            for line in (
                combined(),
                "[]\n",
                caddy()[:200] + "\n",
                '{"a":' * 100_000 + "\n",
                '{"logger":"http.log.access"}\n',
                caddy().replace("GET", "G\0"),
                caddy(request={"headers": []}).replace("[]", "[1]"),
                *(caddy(ts=time) for time in _TIMES),
            )
        ),
    ],
)
def test_should_leave_out_what_is_no_view_of_a_page(line: str, reason: str) -> None:
    entries = read(CADDY, caddy("/other") * 2 + line)

    assert left_out_of(entries) == {reason: 1}
    assert views_of(entries) == {"example.com/other": 2}


@pytest.mark.parametrize(
    "time",
    [
        TIMESTAMP,
        1795161600,
        TIMESTAMP * 1000,
        1795161600500000000,
        "2026-11-20T08:00:00.500Z",
        "2026-11-20T08:00:00.500+0000",
        "2026-11-20T09:00:00+01:00",
        "2026-11-20T08:00:00.123456789Z",
        "2026/11/20 08:00:00",
        "2026/11/20 08:00:00.500",
        "20/Nov/2026:08:00:00 +0000",
    ],
)
def test_should_read_the_times_that_caddy_can_write(time: float | str) -> None:
    assert days_of(read(CADDY, caddy(ts=time))) == [DAY]


def test_should_convert_a_time_with_an_offset() -> None:
    entries = read(CADDY, caddy(ts="2026-11-20T23:30:00-01:00"))

    assert days_of(entries) == [date(2026, 11, 21)]


@pytest.mark.parametrize(
    "request_",
    [
        {"client_ip": "198.51.100.1"},
        {"client_ip": None, "remote_ip": "198.51.100.1"},
        {"client_ip": None, "remote_ip": None, "remote_addr": "198.51.100.1:5000"},
    ],
    ids=["2.7", "2.5", "2.0"],
)
def test_should_find_the_address_of_all_versions(request_: dict[str, Any]) -> None:
    # Given a line of this version, and one of another visitor with the same agent
    entry = json.loads(caddy(request=request_))
    for name in [name for name, value in request_.items() if value is None]:
        del entry["request"][name]
    line = json.dumps(entry) + "\n"

    entries = read(
        CADDY, line * 2 + caddy() + caddy(request={"client_ip": "198.51.100.1"})
    )

    assert visitors_of(entries) == [("example.com", DAY, 2)]


@pytest.mark.parametrize("header", ["Dnt", "Sec-Gpc"])
def test_should_count_no_visitor_who_does_not_want_to_be_tracked(header: str) -> None:
    entries = read(CADDY, caddy(headers={header: "1"}))

    assert views_of(entries) == {"example.com/blog/a": 1}
    assert not visitors_of(entries)


def test_should_read_a_log_without_headers() -> None:
    entries = read(CADDY, caddy(request={"headers": None}))

    assert views_of(entries) == {"example.com/blog/a": 1}
    assert any(isinstance(entry, Note) for entry in entries)


def test_should_recognize_a_log_that_begins_with_lines_of_other_loggers() -> None:
    entries = read(CADDY, _OTHER_LOGGER * 150 + caddy())

    assert views_of(entries) == {"example.com/blog/a": 1}


@pytest.mark.parametrize("content", ["", _OTHER_LOGGER, '{"request": 1}', combined()])
def test_should_not_recognize_other_files(content: str) -> None:
    assert not CADDY.recognizes(document(content))


def test_should_distinguish_visitors_by_the_beginning_of_the_agent() -> None:
    agent = f"{FIREFOX} {'x' * 512}"
    log = "".join(caddy(headers={"User-Agent": agent + end}) for end in "ab")

    assert visitors_of(read(CADDY, log)) == [("example.com", DAY, 1)]
