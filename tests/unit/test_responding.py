"""Tests of Gunicorn's response, which checks a header only once."""

import socket
from collections.abc import Iterator

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.wsgi import Response

from page_tracker.server.responding import CheckedResponse

HEADERS = [("Content-Type", "text/plain"), ("X-Robots-Tag", " noindex ")]


class Request:
    """As much of a request as a response looks at."""

    method = "GET"
    version = (1, 1)


@pytest.fixture(name="client")
def fixture_client() -> Iterator[socket.socket]:
    with socket.socket() as client:
        yield client


def start(
    kind: type[Response], client: socket.socket, *headers: tuple[str, str]
) -> Response:
    """Start a response with these headers."""
    response = kind(Request(), client, Config())  # type: ignore[arg-type]
    response.start_response("200 OK", list(headers))
    return response


def test_should_keep_the_same_headers_as_gunicorn_each_time(
    client: socket.socket,
) -> None:
    headers = [*HEADERS, ("Connection", "close"), ("Content-Length", "12")]
    expected = start(Response, client, *headers)

    for _ in range(3):
        response = start(CheckedResponse, client, *headers)

        assert response.headers == expected.headers
        assert response.response_length == expected.response_length == 12
        assert response.chunked == expected.chunked


def test_should_see_each_length(client: socket.socket) -> None:
    lengths = ("1", "2", "2")

    seen = [
        start(CheckedResponse, client, ("Content-Length", length)).response_length
        for length in lengths
    ]

    assert seen == [1, 2, 2]


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\0b"])
def test_should_refuse_an_invalid_header_each_time(
    client: socket.socket, value: str
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidHeader):
            start(CheckedResponse, client, *HEADERS, ("X-Text", value))
