"""Hosts that only their own computer or network can reach."""

import pytest
from webtest import TestApp

from page_tracker.counting.local_hosts import is_local

LOCAL = [
    "",
    "localhost",
    "localhost:8080",
    "localhost.",
    "nas",
    "nas1",
    "web01:8080",
    "2026",
    "a.localhost",
    "a.test",
    "printer.local",
    "wiki.internal",
    "nas.home.arpa",
    "127.0.0.1",
    "0.0.0.0:8000",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255:80",
    "192.168.1.2",
    "169.254.1.1",
    "[::1]:8000",
    "[fe80::1]",
    "[fd00::1]",
]
PUBLIC = [
    "example.com",
    "example.com:8443",
    "127.0.0.1.example",
    "localhost.example",
    "test.example",
    "172.32.0.1",
    "93.184.216.34",
    "[2606:2800:220:1::1]",
    "xn--bcher-kva.example",
]
NOT_VALID = [
    "[",
    "[]",
    "[::1",
    "::1",
    "1.2.3.4.5",
    "999.0.0.1",
    ":8080",
    "a.example:port",
    "localhost:port",
    "http://localhost",
    "a\0b",
    "\ufffd",
]


@pytest.mark.parametrize("host", LOCAL)
def test_should_not_count_a_view_on_a_local_host(client: TestApp, host: str) -> None:
    client.get("/hit.json", {"page": "example.com/", "host": "example.com"})

    response = client.get("/hit.json", {"page": "example.com/", "host": host})

    assert response.json["views"] == 1
    assert response.headers["Page-Tracker-Ignored"] == "local"
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get("/views.txt?page=example.com/").text == "1\n"


@pytest.mark.parametrize("host", PUBLIC)
def test_should_count_a_view_on_a_public_host(client: TestApp, host: str) -> None:
    response = client.get("/hit.json", {"page": "example.com/", "host": host})

    assert response.json["views"] == 1
    assert "Page-Tracker-Ignored" not in response.headers


def test_should_count_a_local_page_if_no_host_is_given(client: TestApp) -> None:
    assert client.get("/hit.txt?page=localhost:8000/").text == "1\n"


@pytest.mark.parametrize("path", ["/hit.gif", "/hit.txt"])
def test_should_not_count_a_local_view_in_any_format(
    client: TestApp, path: str
) -> None:
    client.get(path, {"page": "example.com/", "host": "localhost"})
    client.post(path, {"page": "example.com/", "host": "localhost"})

    assert client.get("/views.txt?page=example.com/").text == "0\n"


@pytest.mark.parametrize("host", NOT_VALID)
def test_should_take_no_host_for_local_that_is_none(host: str) -> None:
    assert not is_local(host)
