"""JSON in the bodies of requests by which the owner changes counts."""

from io import BytesIO

import pytest

from page_tracker.counting.rules import Rules
from page_tracker.web.json_body import idempotency_key, read_json
from page_tracker.web.request import Request, RequestError
from page_tracker.web.same_origin import check_origin

JSON = "application/json"
LIMIT = 10_000


def request_with(body: bytes, **headers: str) -> Request:
    """Return a request with this body."""
    return Request(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": JSON,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "counter.example.org",
            "wsgi.input": BytesIO(body),
            **headers,
        }
    )


@pytest.mark.parametrize("media_type", [JSON, "Application/JSON; charset=utf-8"])
def test_should_return_the_object(media_type: str) -> None:
    request = request_with(b'{"page": "example.com/\xc3\xa9"}', CONTENT_TYPE=media_type)

    assert read_json(request, LIMIT) == {"page": "example.com/é"}


def test_should_ignore_a_byte_order_mark() -> None:
    assert read_json(request_with(b"\xef\xbb\xbf{}"), LIMIT) == {}


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"{}", {"CONTENT_TYPE": "text/plain"}, 415, f"allowed: {JSON}"),
        (b"{}", {"CONTENT_TYPE": ""}, 415, f"allowed: {JSON}"),
        (b"{}", {"HTTP_SEC_FETCH_SITE": "cross-site"}, 403, "another origin"),
        (b"{}", {"HTTP_SEC_FETCH_SITE": "same-site"}, 403, "another origin"),
        (b"{}", {"HTTP_ORIGIN": "https://evil.example"}, 403, "another origin"),
        (b"{}", {"HTTP_ORIGIN": "null"}, 403, "another origin"),
        (b" " * (LIMIT + 1), {}, 413, f"allowed: {LIMIT} bytes"),
        (b"{}", {"CONTENT_LENGTH": "3"}, 400, "shorter"),
        (b"{}", {"CONTENT_LENGTH": ""}, 411, "no Content-Length"),
        (b"", {}, 400, "not JSON"),
        (b"page=example.com", {}, 400, "not JSON"),
        (b'"\xff"', {}, 400, "not JSON"),
        (b'{"page": "\\ud800"}', {}, 400, "not JSON"),
        (b'{"page": "\xed\xa0\x80"}', {}, 400, "not JSON"),
        ('{"page": "\\ud800"}'.encode("utf-16"), {}, 400, "not JSON"),
        ('{"page": "x"}'.encode("utf-16-le"), {}, 400, "not JSON"),
        (b"[" * LIMIT, {}, 400, "not JSON"),
        (b"1" * 5000, {}, 400, "not JSON"),
        (b"[]", {}, 400, "not JSON"),
    ],
)
def test_should_refuse_a_body(
    body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    request = request_with(body, **headers)

    with pytest.raises(RequestError, match=reason) as error:
        check_origin(request, Rules())
        read_json(request, LIMIT)

    assert error.value.status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_ORIGIN": "https://counter.example.org"},
    ],
)
def test_should_accept_pages_of_the_tracker(headers: dict[str, str]) -> None:
    check_origin(request_with(b"{}", **headers), Rules())


@pytest.mark.parametrize("key", ["a", "2026-11-03/server-1/7", "~" * 100])
def test_should_return_the_name_of_a_change(key: str) -> None:
    assert idempotency_key(request_with(b"{}", HTTP_IDEMPOTENCY_KEY=key)) == key


def test_should_know_that_a_change_has_no_name() -> None:
    assert idempotency_key(request_with(b"{}")) is None


@pytest.mark.parametrize("key", ["x" * 101, "caf\xe9", "a\tb", "a b"])
def test_should_refuse_the_name_of_a_change(key: str) -> None:
    request = request_with(b"{}", HTTP_IDEMPOTENCY_KEY=key)

    with pytest.raises(RequestError, match="Idempotency-Key") as error:
        idempotency_key(request)

    assert error.value.status == 400
