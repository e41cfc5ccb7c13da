"""Answers to requests that Gunicorn refuses, in the tracker's own formats."""

import re
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIEnvironment

from gunicorn.http import errors
from gunicorn.http.unreader import Unreader
from gunicorn.util import http_date, split_request_uri

from page_tracker.app import PageTracker
from page_tracker.server.parsing import StrictRequest
from page_tracker.web.request import RequestError

# RFC 9110, 15.5.15, 15.5.18, 15.6.2 and 15.6.6, and RFC 6585, 5. The braces stand for
# Gunicorn's settings.
_REFUSALS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    errors.LimitRequestLine: (
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "the request line is too long; allowed: {cfg.limit_request_line} bytes",
    ),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "the headers are too many or too long; allowed: {cfg.limit_request_fields} of "
        "{cfg.limit_request_field_size} bytes each",
    ),
    errors.ExpectationFailed: (
        HTTPStatus.EXPECTATION_FAILED,
        "the header Expect is not supported; allowed: 100-continue",
    ),
    errors.UnsupportedTransferCoding: (
        HTTPStatus.NOT_IMPLEMENTED,
        "the Transfer-Encoding is not supported; allowed: chunked",
    ),
    errors.ForbiddenProxyRequest: (
        HTTPStatus.FORBIDDEN,
        "the PROXY protocol is not allowed from this address",
    ),
}
_OTHER_VERSION = (
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "this version of HTTP is not supported; allowed: HTTP/1.0, HTTP/1.1",
)
_INVALID = (HTTPStatus.BAD_REQUEST, "the request is not valid HTTP")


class RefusedError(Exception):
    """Gunicorn refuses a request, for the error that is the cause of this one."""

    def __init__(self, environ: WSGIEnvironment, reason: RequestError) -> None:
        super().__init__(str(reason))
        self.environ = environ
        """The method, the path and the query, as far as they are known."""
        self.reason = reason


class RefusableRequest(StrictRequest):
    """A request whose route is known even if Gunicorn refuses it."""

    _received = bytearray()

    def __init__(self, *arguments: Any) -> None:
        """Read the request. Raises RefusedError and what Gunicorn raises."""
        try:
            super().__init__(*arguments)
        except errors.ParseException as error:
            status, text = _explain(error)
            reason = RequestError(status, text.format(cfg=self.cfg))
            raise RefusedError(self._known_environ(), reason) from error

    def read_into(
        self, unreader: Unreader, buf: bytearray, stop: bool | None = False
    ) -> None:
        """Read the next part. Until the request line is known, buf begins with it."""
        self._received = buf
        super().read_into(unreader, buf, stop)

    def _known_environ(self) -> WSGIEnvironment:
        method, target = self.method, self.uri
        if not target:
            # The parser has not split the request line.
            line = self._received.decode("latin-1").partition("\r\n")[0]
            method, _, rest = line.partition(" ")
            target = rest.partition(" ")[0]
        try:
            parts = split_request_uri(target)
        except ValueError:
            parts = split_request_uri("/")
        return {
            "REQUEST_METHOD": method if method and method.isalpha() else "GET",
            "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query,
        }


def _explain(error: errors.ParseException) -> tuple[HTTPStatus, str]:
    if isinstance(error, errors.InvalidHTTPVersion):
        return _OTHER_VERSION if _has_version(error) else _INVALID
    return _REFUSALS.get(type(error), _INVALID)


def _has_version(error: errors.InvalidHTTPVersion) -> bool:
    # Gunicorn gives either the text of the request line or the numbers.
    version: object = error.version
    return not isinstance(version, str) or bool(re.match(r"HTTP/\d", version))


def send_refusal(
    client: socket.socket, app: PageTracker, refused: RefusedError
) -> None:
    """Send what the route answers to this error, as far as the route is known.

    A client that has left gets nothing.
    """
    head: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        head.append(f"HTTP/1.1 {status}")
        head.extend(f"{name}: {value}" for name, value in headers)
        head.extend(("Connection: close", f"Date: {http_date()}", "", ""))

    start: StartResponse = start_response
    body = app.refuse(refused.environ, start, refused.reason)
    with suppress(OSError):
        client.sendall("\r\n".join(head).encode("latin-1") + b"".join(body))
