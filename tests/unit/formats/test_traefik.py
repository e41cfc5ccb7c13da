"""Traefik's access logs: the common format and JSON."""

import json
from typing import Any

import pytest

from page_tracker.transfer.entries import Note
from page_tracker.transfer.formats.access_logs import TRAEFIK
from tests.unit.formats.logs import (
    DAY,
    FIREFOX,
    GOOGLEBOT,
    combined,
    days_of,
    left_out_of,
    views_of,
    visitors_of,
)
from tests.unit.formats.reading import document, read

_NOT_OF_FORMAT = "the line does not have the format of the log"


def _common(
    request: str = "GET /blog/a HTTP/2.0",
    *,
    agent: str = FIREFOX,
    clients: str = "203.0.113.7",
    status: str = "200",
) -> str:
    return (
        f'{clients} - - [20/Nov/2026:08:00:00 +0000] "{request}" {status} 2326 "-" '
        f'"{agent}" 17 "web@docker" "http://172.18.0.3:80" 3ms\n'
    )


def _json(**changed: Any) -> str:
    entry = {
        "ClientAddr": "203.0.113.7:50000",
        "ClientHost": "203.0.113.7",
        "ClientPort": "50000",
        "ClientUsername": "-",
        "DownstreamContentSize": 2326,
        "DownstreamStatus": 200,
        "Duration": 3000000,
        "OriginStatus": 200,
        "RequestAddr": "example.com",
        "RequestCount": 17,
        "RequestHost": "example.com",
        "RequestMethod": "GET",
        "RequestPath": "/blog/a?x=1",
        "RequestPort": "-",
        "RequestProtocol": "HTTP/2.0",
        "RequestScheme": "https",
        "RouterName": "web@docker",
        "StartLocal": "2026-11-20T09:00:00.123456789+01:00",
        "StartUTC": "2026-11-20T08:00:00.123456789Z",
        "entryPointName": "websecure",
        "level": "info",
        "msg": "",
        "request_User-Agent": FIREFOX,
        "time": "2026-11-20T08:00:00Z",
        **changed,
    }
    # None stands for a field that Traefik drops.
    kept = {name: value for name, value in entry.items() if value is not None}
    return json.dumps(kept) + "\n"


@pytest.mark.parametrize(
    ("line", "views"),
    [
        pytest.param(_common(), {"/blog/a": 1}, id="common"),
        pytest.param(_common(agent=r"Firefox \"x\" \y"), {"/blog/a": 1}, id="quoted"),
        pytest.param(_common('GET /"a" HTTP/2.0'), {'/"a"': 1}, id="unquoted"),
        pytest.param(_common("GET /a?x=[1] HTTP/2.0"), {"/a": 1}, id="brackets"),
        pytest.param(_json(), {"example.com/blog/a": 1}, id="JSON"),
        pytest.param(
            _json(RequestAddr="example.com:8443", RequestPort="8443"),
            {"example.com:8443/blog/a": 1},
            id="JSON, a port",
        ),
        pytest.param(
            _json(RequestAddr=None), {"example.com/blog/a": 1}, id="JSON, host"
        ),
        pytest.param(
            _json(RequestAddr=None, RequestHost=None),
            {"/blog/a": 1},
            id="JSON, no host",
        ),
        pytest.param(_json(StartUTC=None), {"example.com/blog/a": 1}, id="JSON, local"),
        pytest.param(
            _json(**{"downstream_Content-Type": "text/html"}),
            {"example.com/blog/a": 1},
            id="JSON, type",
        ),
    ],
)
def test_should_count_the_views_of_pages(line: str, views: dict[str, int]) -> None:
    entries = read(TRAEFIK, line)

    assert views_of(entries) == views
    assert days_of(entries) == [DAY]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_common(status="404"), "the status is neither 200 nor 304"),
        (_common("POST / HTTP/2.0"), "the method is not GET"),
        (_common("GET /a.js HTTP/2.0"), "it is not an HTML page"),
        (_common(agent=GOOGLEBOT), "a crawler made it"),
        (_json(DownstreamStatus=404), "the status is neither 200 nor 304"),
        (_json(RequestMethod="POST"), "the method is not GET"),
        (_json(RequestPath="/a.js"), "it is not an HTML page"),
        (_json(**{"downstream_Content-Type": "text/css"}), "it is not an HTML page"),
        (_json(**{"request_User-Agent": GOOGLEBOT}), "a crawler made it"),
        (
            _json(**{"request_Sec-Purpose": "prefetch"}),
            "a browser loaded it before anyone saw it",
        ),
        (
            '{"level":"info","time":"2026-11-20T08:00:00Z","message":"Starting"}\n',
            "the line is not of the access log",
        ),
        *(
            (line, _NOT_OF_FORMAT)
            for line in (
                combined(),
                "2026-11-20T08:00:00Z INF Starting\n",
                "{}\n",
                _json()[:300] + "\n",
                _json(StartUTC="yesterday"),
                _json(StartUTC=7),
                _json(ClientHost=None),
                _json(RequestPath=None),
                _common().replace("Nov", "Foo"),
            )
        ),
    ],
)
def test_should_leave_out_what_is_no_view_of_a_page(line: str, reason: str) -> None:
    other = _common("GET /other HTTP/1.1")

    entries = read(TRAEFIK, other * 2 + line)

    assert left_out_of(entries) == {reason: 1}
    assert views_of(entries) == {"/other": 2}


@pytest.mark.parametrize(
    "line",
    [
        _common(agent="-"),
        _common(agent="REDACTED"),
        _json(**{"request_User-Agent": None}),
    ],
)
def test_should_say_that_there_are_no_agents(line: str) -> None:
    assert any(isinstance(entry, Note) for entry in read(TRAEFIK, line))


def test_should_take_the_first_address_of_x_forwarded_for() -> None:
    log = _common() + _common(clients="203.0.113.7, 10.0.0.1")

    assert visitors_of(read(TRAEFIK, log)) == [("", DAY, 1)]


@pytest.mark.parametrize("content", ["", "{}", combined(), '{"level": "info"}'])
def test_should_not_recognize_other_files(content: str) -> None:
    assert not TRAEFIK.recognizes(document(content))
