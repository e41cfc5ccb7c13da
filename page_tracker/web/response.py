"""HTTP responses, sent over WSGI (PEP 3333)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import StartResponse

from page_tracker.web.request import Request

_STATUS_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}

# On every response, including errors. Browsers must not guess another type, run
# scripts, or show the response in a frame. Caches must not store it (RFC 9111 allows
# them to store even a 404).
_DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """A response body that an iterator produces while it is sent."""

    parts: Iterator[bytes]

    close: Callable[[], None]
    """Called when the stream ends, even if the client has disconnected."""

    def __iter__(self) -> Iterator[bytes]:
        """Return the iterator of the parts."""
        return self.parts


class Response(NamedTuple):
    """An HTTP response. A text is sent in UTF-8, so media_type names no charset."""

    status: HTTPStatus
    body: str | bytes | Stream = b""
    media_type: str = "text/plain"
    headers: dict[str, str] | None = None
    etag: str = ""
    """The entity tag of the body, in quotation marks, or empty."""

    sent_as: HTTPStatus | None = None
    """The status that the client gets, if logs and metrics are to see another one."""

    def status_for(self, request: Request) -> HTTPStatus:
        """Return the status: 304 if the client has a current copy."""
        if self.etag and request.has(self.etag):
            return HTTPStatus.NOT_MODIFIED
        return self.status

    def send(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response; to a HEAD, only the headers (RFC 9110, 9.3.2)."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = _DEFAULT_HEADERS | (self.headers or {})
        status = self.status_for(request)
        if self.etag:
            headers["ETag"] = self.etag
        # RFC 9110, 15.3.5 and 15.4.5: these statuses have no content, and no headers
        # that describe it.
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            body = b""
            headers.pop("Content-Encoding", None)
        else:
            # Of the types used here, only text/ types have a charset.
            charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
            headers.setdefault("Content-Type", f"{self.media_type}{charset}")
            if isinstance(body, bytes):
                headers["Content-Length"] = str(len(body))
        start_response(_STATUS_LINES[self.sent_as or status], list(headers.items()))
        return _without(body) if request.method == "HEAD" else _parts(body)


def _parts(body: bytes | Stream) -> Iterable[bytes]:
    if isinstance(body, Stream):
        return body
    return (body,) if body else ()


def _without(body: bytes | Stream) -> Iterable[bytes]:
    if isinstance(body, Stream):
        body.close()
    return ()
