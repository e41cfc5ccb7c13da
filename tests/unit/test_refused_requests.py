"""What is known of a request that Gunicorn refuses."""

import pytest
from gunicorn.config import Config
from gunicorn.http.unreader import IterUnreader

from page_tracker.server.refusing import RefusableRequest, RefusedError


def refused(*parts: bytes, **settings: int) -> RefusedError:
    """Return the error for a request that arrives in these parts."""
    configuration = Config()
    for name, value in settings.items():
        configuration.set(name, value)
    with pytest.raises(RefusedError) as raised:
        RefusableRequest(configuration, IterUnreader(parts), ("127.0.0.1", 50_000))
    return raised.value


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET /hit.json?page=a.b HTTP/1.1\r\nno header\r\n\r\n",),
        (b"GET /hi", b"t.json?page=a.b HTTP/1.1\r", b"\nno header\r\n", b"\r\n"),
        (b"\r\n", b"GET /hit.json?page=a.b HTTP/3.0\r\n\r\n"),
        (b"GET /hit.json?page=a.b\r\n\r\n",),
        (b"GET http://x/hit.json?page=a.b HTTP/1.1\r\nX y\r\n\r\n",),
    ],
)
def test_should_know_the_route(parts: tuple[bytes, ...]) -> None:
    assert refused(*parts).environ == {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/hit.json",
        "QUERY_STRING": "page=a.b",
    }


def test_should_know_the_route_of_a_line_that_is_too_long() -> None:
    environ = refused(b"POST /h", b"it.json?page=", 5000 * b"x").environ

    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"] == "/hit.json"


@pytest.mark.parametrize(
    "line", [b"", b"x", b"\x00\xff", b"GET http://[x/ HTTP/1.1", b"{} / HTTP/1.1"]
)
def test_should_be_on_the_front_page_if_the_route_is_unknown(line: bytes) -> None:
    environ = refused(line + b"\r\n\r\n").environ

    assert environ["REQUEST_METHOD"] in ("GET", "x")
    assert environ["PATH_INFO"] in ("/", "")


def test_should_name_the_limits_of_the_server() -> None:
    head = b"GET / HTTP/1.1\r\nX: 1\r\nY: " + 200 * b"2" + b"\r\n\r\n"

    line = refused(head, limit_request_line=10)
    size = refused(head, limit_request_field_size=100)
    number = refused(head, limit_request_fields=1)

    assert str(line) == "the request line is too long; allowed: 10 bytes"
    assert str(size).endswith("; allowed: 100 of 100 bytes each")
    assert str(number).endswith("; allowed: 1 of 8190 bytes each")
