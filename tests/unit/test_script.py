"""Tests of track.js over HTTP. tests/browser tests what it does in browsers."""

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app
from page_tracker.web.endpoints.script import shortened


@pytest.fixture(name="client")
def fixture_client() -> TestApp:
    return TestApp(create_app(backend=MemoryBackend()))


def test_should_be_small(client: TestApp) -> None:
    served = client.get("/track.js")

    assert served.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert 0 < len(served.body) <= 1024


def test_should_be_cacheable_for_a_day_and_usable_by_every_origin(
    client: TestApp,
) -> None:
    headers = client.get("/track.js").headers

    assert headers["Cache-Control"] == "public, max-age=86400"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_should_not_be_sent_again_if_the_etag_matches(
    client: TestApp, known: str
) -> None:
    served = client.get("/track.js")
    known = known.format(served.headers["ETag"])

    again = client.get("/track.js", headers={"If-None-Match": known}, status=304)

    assert again.body == b""
    assert again.headers["ETag"] == served.headers["ETag"]
    assert again.headers["Cache-Control"] == served.headers["Cache-Control"]


@pytest.mark.parametrize("known", ['"other"', "", "x"])
def test_should_be_sent_if_the_etag_does_not_match(client: TestApp, known: str) -> None:
    client.get("/track.js", headers={"If-None-Match": known}, status=200)


def test_should_have_no_comments_or_line_breaks() -> None:
    assert shortened("// why\na=1,\n// how\nb='//x'\n") == "a=1,b='//x'"
