"""What the URL Standard says about URLs holds for the names of pages.

tests/unit/whatwg/README.md tells where its test cases come from.
"""

import json
import re
from pathlib import Path

import pytest
from webtest import TestApp, TestRequest

from page_tracker import MemoryBackend, Page
from page_tracker.counting.page_names import PageNameError, parse_page
from tests.unit.pages import views

_FOLDER = Path(__file__).parent / "whatwg"
# The names of hosts in DNS and on certificates, and IPv6 addresses.
_ON_THE_WEB = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|\[.*\]")


def cases(name: str) -> list[list[str | None]]:
    """Return the cases of a file."""
    rows: list[list[str | None]] = json.loads((_FOLDER / name).read_text("utf-8"))
    return rows


def normalized(url: str) -> str | None:
    """Return the name of a page, or None if its host is not valid."""
    try:
        return str(parse_page(url))
    except PageNameError as error:
        # Each error names what is wrong, and what is allowed.
        assert re.match(r"the (host|port) .*; allowed: ", str(error))
        return None


def site(host: str | None, port: str | None = "") -> str | None:
    """Return the site of a host by the standard, or None if it has none with us."""
    host = (host or "").removesuffix(".")
    if not _ON_THE_WEB.fullmatch(host):
        return None
    return f"{host}:{port}" if port not in ("", "80", "443") else host


def test_should_read_urls_as_browsers_do() -> None:
    wrong = []
    for url, *expected in cases("urls.json"):
        host, port, path = expected if len(expected) == 3 else (None, None, None)
        place = site(host, port)
        # The standard keeps more escapes in paths than RFC 3986 does.
        name = str(parse_page(f"{place}{path}")) if place else None
        if normalized(str(url)) != name:
            wrong.append((url, normalized(str(url)), name))

    assert not wrong


@pytest.mark.parametrize("url", ["https://{}/", "https://{}", "//{}/"])
def test_should_read_hosts_as_browsers_do(url: str) -> None:
    wrong = []
    for host, output in cases("hosts.json"):
        place = site(output)
        name = f"{place}/" if place else None
        found = normalized(url.format(host))
        if found != name:
            wrong.append((host, found, name))

    assert not wrong


def test_should_read_most_cases_of_the_standard_as_names() -> None:
    """The cases that are no names are the exception, so the tests above test much."""
    hosts = [output for _, output in cases("hosts.json") if output is not None]

    assert len([host for host in hosts if site(host)]) > 0.8 * len(hosts)


@pytest.mark.parametrize(
    "query",
    [
        "page=https://example.com/caf%25E9",
        # Written by hand, as in a link to a badge.
        "page=https://example.com/caf%E9",
        "page=https://example.com/caf\xe9",
    ],
)
@pytest.mark.parametrize("route", ["/hit.json", "/views.json"])
def test_should_name_a_page_with_bytes_that_are_not_utf_8(
    client: TestApp, query: str, route: str
) -> None:
    # webtest sends each character as one byte.
    answer = client.request(TestRequest.blank(f"{route}?{query}"))

    assert answer.json["page"] == "example.com/caf%E9"


def test_should_name_a_page_with_bytes_that_are_not_utf_8_in_a_form(
    client: TestApp,
) -> None:
    answer = client.post("/hit.json", "page=example.com/caf%E9/%C3%A9")

    assert answer.json["page"] == "example.com/caf%E9/%C3%A9"


def test_should_draw_a_label_with_bytes_that_are_not_utf_8(client: TestApp) -> None:
    answer = client.get("/hit.svg?page=example.com&label=caf%E9")

    assert "caf%E9: 1" in answer.text


def test_should_count_a_translated_page_with_its_page(
    client: TestApp, backend: MemoryBackend
) -> None:
    for host in ("example.com", "example-com.translate.goog"):
        client.get(f"/hit.json?page=https://{host}/a")

    assert views(backend, Page("example.com", "/a")) == 2
