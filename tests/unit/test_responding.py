"""Tests of the response: it behaves as Gunicorn's, with less work."""

import socket
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.wsgi import Response

from page_tracker.server.responding import QuickResponse, http_date

HEADERS = [("Content-Type", "text/plain"), ("X-Robots-Tag", " noindex ")]


class Request:
    """As much of a request as a response looks at."""

    version = (1, 1)

    def __init__(self, method: str = "GET") -> None:
        self.method = method

    def should_close(self) -> bool:
        """Return whether the connection is closed after the answer."""
        return False


class Client:
    """A connection that notes down each packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Send data in one packet."""
        self.packets.append(data)


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
        response = start(QuickResponse, client, *headers)

        assert response.headers == expected.headers
        assert response.response_length == expected.response_length == 12
        assert response.chunked == expected.chunked


def test_should_see_each_length(client: socket.socket) -> None:
    lengths = ("1", "2", "2")

    seen = [
        start(QuickResponse, client, ("Content-Length", length)).response_length
        for length in lengths
    ]

    assert seen == [1, 2, 2]


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\0b"])
def test_should_refuse_an_invalid_header_each_time(
    client: socket.socket, value: str
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidHeader):
            start(QuickResponse, client, *HEADERS, ("X-Text", value))


def answer(
    kind: type[Response], method: str, length: int | None, *parts: bytes
) -> list[bytes]:
    """Return the packets of an answer."""
    client = Client()
    response = kind(Request(method), client, Config())  # type: ignore[arg-type]
    headers = [] if length is None else [("Content-Length", str(length))]
    response.start_response("200 OK", [*HEADERS, *headers])
    for part in parts:
        response.write(part)
    response.close()
    return client.packets


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("length", [None, 0, 2, 4, 5])
@pytest.mark.parametrize(
    "parts", [[], [b""], [b"text"], [b"te", b"xt"], [b"", b"text"], [b"text", b"more"]]
)
def test_should_send_the_same_bytes_as_gunicorn(
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    length: int | None,
    parts: list[bytes],
) -> None:
    monkeypatch.setattr(util, "http_date", lambda: "Mon, 30 Nov 2026 12:00:00 GMT")

    sent = answer(QuickResponse, method, length, *parts)

    assert b"".join(sent) == b"".join(answer(Response, method, length, *parts))


def test_should_send_a_whole_answer_in_one_packet() -> None:
    packets = answer(QuickResponse, "GET", 4, b"text")

    assert len(packets) == 1
    assert packets[0].endswith(b"\r\n\r\ntext")


def test_should_date_an_answer_at_its_second(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [1_000.0, 1_000.9, 1_001.0]

    for now in times:
        monkeypatch.setattr("time.time", lambda now=now: now)

        assert http_date() == formatdate(now, usegmt=True)
