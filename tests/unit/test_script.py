"""Tests of track.js over HTTP. tests/browser tests what it does in browsers."""

import gzip

import pytest
from webob import Request, Response
from webtest import TestApp

from page_tracker import MemoryBackend, create_app


@pytest.fixture(name="client")
def fixture_client() -> TestApp:
    return TestApp(create_app(backend=MemoryBackend()))


def script(client: TestApp, accepted: str = "", **headers: str) -> Response:
    """Return the script as a client gets it that accepts these encodings."""
    request = Request.blank("/track.js", headers={"Accept-Encoding": accepted})
    for name, value in headers.items():
        request.headers[name.replace("_", "-")] = value
    # WebTest would decompress the body, and it does not know Brotli.
    return request.send(client.app)


def test_should_be_small(client: TestApp) -> None:
    served = script(client)

    assert served.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert 0 < len(served.body) <= 2048


@pytest.mark.parametrize(
    "accepted",
    [
        "gzip",
        "GZIP",
        "br;q=0, gzip;q=0.5",
        "gzip;q=0.001",
        "br;q=0, *",
        "deflate, gzip",
    ],
)
def test_should_be_compressed_for_clients_that_read_gzip(
    client: TestApp, accepted: str
) -> None:
    response = script(client, accepted)

    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(response.body) == script(client).body
    assert len(response.body) <= 1200


@pytest.mark.parametrize(
    "accepted", ["br", "gzip, deflate, br, zstd", "*", "gzip;q=0, *"]
)
def test_should_be_smaller_for_clients_that_read_brotli(
    client: TestApp, accepted: str
) -> None:
    response = script(client, accepted)

    assert response.headers["Content-Encoding"] == "br"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert 0 < len(response.body) <= 1024


@pytest.mark.parametrize(
    "accepted",
    [
        "",
        "identity",
        "zstd",
        "gzip;q=0",
        "gzip; q=0.000, br;q=0, *",
        "*;q=0",
        "gzip;q=x",
        "xgzip",
    ],
)
def test_should_not_be_compressed_for_other_clients(
    client: TestApp, accepted: str
) -> None:
    served = script(client, accepted)

    assert "Content-Encoding" not in served.headers
    assert served.headers["Vary"] == "Accept-Encoding"
    assert served.body.startswith(b"{let ")


def test_should_be_cacheable_for_a_day_and_usable_by_every_origin(
    client: TestApp,
) -> None:
    headers = script(client).headers

    assert headers["Cache-Control"] == "public, max-age=86400"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_should_not_be_sent_again_if_the_etag_matches(
    client: TestApp, known: str, encoding: str
) -> None:
    served = script(client, encoding)
    known = known.format(served.headers["ETag"])

    again = script(client, encoding, If_None_Match=known)

    assert (again.status_code, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == served.headers[name]
    assert "Content-Encoding" not in again.headers


def test_should_have_another_etag_for_each_encoding(client: TestApp) -> None:
    tags = {script(client, name).headers["ETag"] for name in ("", "gzip", "br")}

    assert len(tags) == 3


@pytest.mark.parametrize("known", ['"other"', "", "x"])
def test_should_be_sent_if_the_etag_does_not_match(client: TestApp, known: str) -> None:
    client.get("/track.js", headers={"If-None-Match": known}, status=200)
