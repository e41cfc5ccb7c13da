"""CloudFront's standard logs: tab-separated and JSON."""

import json
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

import pytest

from page_tracker.transfer.formats.access_logs import CLOUDFRONT
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

_FIELDS = {
    "date": "2026-11-20",
    "time": "08:00:00",
    "x-edge-location": "FRA56-P2",
    "sc-bytes": "2326",
    "c-ip": "203.0.113.7",
    "cs-method": "GET",
    "cs(Host)": "d111111abcdef8.cloudfront.net",
    "cs-uri-stem": "/blog/a",
    "sc-status": "200",
    "cs(Referer)": "-",
    "cs(User-Agent)": quote(FIREFOX, safe="/()"),
    "cs-uri-query": "x=1",
    "cs(Cookie)": "-",
    "x-edge-result-type": "Hit",
    "x-edge-request-id": "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==",
    "x-host-header": "example.com",
    "cs-protocol": "https",
    "time-taken": "0.001",
    "sc-content-type": "text/html;%20charset=utf-8",
}
_HEAD = f"#Version: 1.0\n#Fields: {' '.join(_FIELDS)}\n"
_NOT_OF_FORMAT = "the line does not have the format of the log"


def _fields(changed: Mapping[str, str | None] | None) -> dict[str, str]:
    # None stands for a field that the owner has not chosen.
    merged = {**_FIELDS, **(changed or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _row(changed: Mapping[str, str | None] | None = None) -> str:
    return "\t".join(_fields(changed).values()) + "\n"


def _json(changed: Mapping[str, str | None] | None = None) -> str:
    return json.dumps(_fields(changed)) + "\n"


_CHANGES = [
    pytest.param({}, {"example.com/blog/a": 1}, id="a page"),
    pytest.param(
        {"x-host-header": "-"},
        {"d111111abcdef8.cloudfront.net/blog/a": 1},
        id="without a Host header",
    ),
    pytest.param(
        {"cs-uri-stem": "/a%2520%257Eb%7E"},
        {"example.com/a%20%7Eb%7E": 1},
        id="escaped",
    ),
    pytest.param(
        {"cs-uri-stem": "/a%20b"}, {"example.com/a%20b": 1}, id="once escaped"
    ),
    pytest.param(
        {"sc-status": "304", "sc-content-type": "-"},
        {"example.com/blog/a": 1},
        id="from the cache",
    ),
]


@pytest.mark.parametrize(("changed", "views"), _CHANGES)
def test_should_count_the_views_of_pages(
    changed: Mapping[str, str | None], views: dict[str, int]
) -> None:
    for log in (_HEAD + _row(changed), _json(changed)):
        entries = read(CLOUDFRONT, log)

        assert views_of(entries) == views
        assert days_of(entries) == [DAY]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sc-status": "000"}, "the status is neither 200 nor 304"),
        ({"cs-method": "POST"}, "the method is not GET"),
        ({"cs-uri-stem": "/a.css"}, "it is not an HTML page"),
        ({"sc-content-type": "image/png"}, "it is not an HTML page"),
        ({"cs(User-Agent)": quote(GOOGLEBOT)}, "a crawler made it"),
        ({"cs(User-Agent)": quote(quote(GOOGLEBOT))}, "a crawler made it"),
        ({"date": "yesterday"}, _NOT_OF_FORMAT),
        ({"time": "8"}, _NOT_OF_FORMAT),
    ],
)
def test_should_leave_out_what_is_no_view_of_a_page(
    changed: Mapping[str, str | None], reason: str
) -> None:
    other = {"cs-uri-stem": "/other"}
    for log in (
        _HEAD + _row(other) * 2 + _row(changed),
        _json(other) * 2 + _json(changed),
    ):
        entries = read(CLOUDFRONT, log)

        assert left_out_of(entries) == {reason: 1}
        assert views_of(entries) == {"example.com/other": 2}


@pytest.mark.parametrize("line", [combined(), _row()[20:], "#\n\n1\t2\n", "{}\n"])
def test_should_leave_out_lines_of_other_formats(line: str) -> None:
    entries = read(CLOUDFRONT, _HEAD + _row() * 2 + line)

    assert left_out_of(entries) == {_NOT_OF_FORMAT: 1}


def test_should_read_several_logs_with_different_fields_in_one_file() -> None:
    names = ("date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status")
    short = "\t".join(_FIELDS[name] for name in names)

    entries = read(
        CLOUDFRONT, f"{_HEAD}{_row()}#Version: 1.0\n#Fields: {' '.join(names)}\n{short}"
    )

    assert views_of(entries) == {"example.com/blog/a": 1, "/blog/a": 1}


def test_should_read_a_timestamp_instead_of_a_date() -> None:
    # 2026-11-21T00:00:00Z
    log = _json({"date": None, "time": None, "timestamp(ms)": "1795219200000"})

    assert days_of(read(CLOUDFRONT, log)) == [date(2026, 11, 21)]


def test_should_decode_an_agent_that_is_encoded_twice() -> None:
    log = _json() + _json({"cs(User-Agent)": quote(quote(FIREFOX))})

    assert visitors_of(read(CLOUDFRONT, log)) == [("example.com", DAY, 1)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        _HEAD,
        "{}",
        combined(),
        "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time "
        "c-ip cs-method cs-uri-stem sc-status\n2026-11-20 08:00:00 ::1 GET / 200\n",
    ],
)
def test_should_not_recognize_other_files(content: str) -> None:
    assert not CLOUDFRONT.recognizes(document(content))
