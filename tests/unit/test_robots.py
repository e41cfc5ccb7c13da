"""What search engines are told."""

from urllib.robotparser import RobotFileParser

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app
from page_tracker.counting.rules import Rules
from page_tracker.web.routes import ROUTES
from tests.unit.pages import client_with

ALLOWED = {"/", "/track.js", "/robots.txt"}


@pytest.mark.parametrize("base_path", ["", "/counter"])
@pytest.mark.parametrize("route", ROUTES)
def test_should_allow_only_the_front_page_and_the_script(
    route: str, base_path: str
) -> None:
    robots = RobotFileParser()
    served = client_with(base_path=base_path).get(f"{base_path}/robots.txt")
    robots.parse(served.text.splitlines())

    path = route.format(namespace="example.com", key="key", site="a.b", file="x.js")

    assert robots.can_fetch("Googlebot", f"{base_path}{path}") is (route in ALLOWED)


@pytest.mark.parametrize(
    "path",
    [
        "/hit.json?page=example.com",
        "/hit.svg?page=",
        "/views.json?page=example.com",
        "/get/example.com/key",
        "/api/sites",
        "/dashboard",
        "/metrics",
    ],
)
@pytest.mark.parametrize("read_cache_s", [0, 60])
def test_should_keep_numbers_and_the_dashboard_out_of_the_results(
    path: str, read_cache_s: int
) -> None:
    rules = Rules(token=16 * "t", read_cache_s=read_cache_s)
    client = TestApp(create_app(backend=MemoryBackend(), rules=rules))

    for headers in ({}, {"Authorization": f"Bearer {16 * 't'}"}):
        answer = client.get(path, headers=headers, status="*")

        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/").headers
