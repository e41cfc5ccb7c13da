"""HTTP over WSGI (PEP 3333): what is asked and answered, read and sent nowhere else."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address
from urllib.parse import parse_qsl, quote
from wsgiref.types import StartResponse, WSGIEnvironment

from page_tracker.counting.visitors import Client

_MOST_PARAMETERS = 32
_MOST_BODY_BYTES = 16 * 1024
# The second is what navigator.sendBeacon() gives to a text.
_FORM_TYPES = ("application/x-www-form-urlencoded", "text/plain")

# In which browsers say that nobody looks yet.
_PURPOSES = frozenset(
    f"HTTP_{name}" for name in ("SEC_PURPOSE", "PURPOSE", "X_PURPOSE", "X_MOZ")
)

_STATUS_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}

# On every answer, errors included: nobody may guess another type, run or frame
# what is answered, or keep an answer (RFC 9111 lets caches keep even a 404).
_SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class RequestError(Exception):
    """What is asked cannot be done. Its text says why, and what is allowed."""

    def __init__(
        self, status: HTTPStatus, reason: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


class NotAllowedError(RequestError):
    """What is asked is not allowed here. Its text says by what."""

    def __init__(self, reason: str) -> None:
        super().__init__(HTTPStatus.FORBIDDEN, reason)


class Parameters:
    """What a request says by name, in its query and in a form that it brings."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def get(self, name: str) -> str | None:
        """Return the value; None if there is none. RequestError if there are more."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, f"{name}: given {len(values)} times; allowed: 1"
            )
        return values[0]


class Request:
    """What a client asks for, and whether other processes serve beside this one."""

    __slots__ = ("_environ", "method", "path")

    def __init__(self, environ: WSGIEnvironment, base_path: str = "") -> None:
        """Read a WSGI environ; what comes before the path may be there or not."""
        self._environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        # PEP 3333: the path may be empty when the root of the app is meant.
        self.path: str = environ.get("PATH_INFO", "").removeprefix(base_path) or "/"

    @property
    def multiprocess(self) -> bool:
        """Whether other processes serve beside this one."""
        return bool(self._environ["wsgi.multiprocess"])

    @property
    def authorization(self) -> str:
        """By what the client claims that it may ask; empty if it does not."""
        authorization: str = self._environ.get("HTTP_AUTHORIZATION", "")
        return authorization

    @property
    def accept(self) -> str:
        """Which media types the client would have; empty if it does not say."""
        accept: str = self._environ.get("HTTP_ACCEPT", "")
        return accept

    @property
    def target(self) -> str:
        """The path and query, in printable ASCII without spaces or quotation marks."""
        path = quote(self.path, safe="/:@!$&+,;=()*", encoding="latin-1")
        # What is escaped in a query, stays so.
        query = quote(
            self._environ.get("QUERY_STRING", ""),
            safe="/:@!$&+,;=()*?%",
            encoding="latin-1",
        )
        return f"{path}?{query}" if query else path

    def client(self, trusted_proxies: int) -> Client:
        """Return what the request tells about its client.

        A client asks not to be tracked by Sec-GPC (Global Privacy Control) or by DNT
        (Tracking Preference Expression, W3C 2019).
        """
        environ = self._environ
        purposes = _PURPOSES & environ.keys()
        return Client(
            address=self._address(trusted_proxies),
            agent=environ.get("HTTP_USER_AGENT", ""),
            untracked="1" in (environ.get("HTTP_SEC_GPC"), environ.get("HTTP_DNT")),
            prefetched=any(
                environ[name].startswith(("prefetch", "prerender", "preview"))
                for name in purposes
            ),
        )

    def has(self, etag: str) -> bool:
        """Tell whether the client has what this ETag stands for (RFC 9110, 13.1.2)."""
        known = self._environ.get("HTTP_IF_NONE_MATCH", "").split(",")
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known)

    def _address(self, trusted_proxies: int) -> str:
        # Each trusted proxy has appended the address of its own client to
        # X-Forwarded-For. Anybody can make up what stands left of these.
        address: str = self._environ.get("REMOTE_ADDR", "")
        forwarded: str = self._environ.get("HTTP_X_FORWARDED_FOR", "")
        if trusted_proxies and forwarded:
            hops = forwarded.split(",")
            address = hops[-min(trusted_proxies, len(hops))]
        return _plain_address(address.strip())

    def part_of_path(self, place: int) -> str:
        """Return what stands behind so many more slashes than the first of the path.

        Raises RequestError if that is not valid UTF-8.
        """
        try:
            # PEP 3333: bytes, with a character for each.
            return self.path.split("/")[place + 1].encode("latin-1").decode()
        except UnicodeDecodeError:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the path is not valid UTF-8"
            ) from None

    def parameters(self) -> Parameters:
        """Return what the query says and, of a POST, the form. Raises RequestError."""
        pairs = self._query()
        if self.method == "POST":
            pairs += _parse("the body", self._form())
        return Parameters(pairs)

    def query(self) -> Parameters:
        """Return what the query says. Raises RequestError."""
        return Parameters(self._query())

    def _query(self) -> list[tuple[str, str]]:
        query = self._environ.get("QUERY_STRING", "").encode("latin-1")
        return _parse("the query", query)

    def _form(self) -> bytes:
        """Read the body if it is a form. Raises RequestError."""
        media_type = self._environ.get("CONTENT_TYPE", "").partition(";")[0]
        length = self._environ.get("CONTENT_LENGTH") or ""
        if media_type.strip().lower() not in _FORM_TYPES:
            return b""
        if length:
            return self._read_announced(length)
        # Without a length, only a server that knows where the body ends may be asked.
        if not self._environ.get("wsgi.input_terminated"):
            return b""
        body = self._read(_MOST_BODY_BYTES + 1)
        if len(body) > _MOST_BODY_BYTES:
            raise _too_large()
        return body

    def _read_announced(self, length: str) -> bytes:
        if not re.fullmatch("[0-9]{1,19}", length):
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the Content-Length is no number of bytes"
            )
        announced = int(length)
        if announced > _MOST_BODY_BYTES:
            raise _too_large()
        body = self._read(announced)
        if len(body) < announced:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the body is shorter than its Content-Length"
            )
        return body

    def _read(self, size: int) -> bytes:
        try:
            body: bytes = self._environ["wsgi.input"].read(size)
            return body
        except TimeoutError:
            raise RequestError(
                HTTPStatus.REQUEST_TIMEOUT, "the body took too long to come"
            ) from None
        except OSError as error:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the body did not come as announced"
            ) from error


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is sent as it comes, by an iterator."""

    parts: Iterator[bytes]

    close: Callable[[], None]
    """Called when it is over, however that came about: the client may have gone."""

    def __iter__(self) -> Iterator[bytes]:
        """Return the parts; there are no others."""
        return self.parts


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; text is sent in UTF-8. The media type is without the charset."""

    status: HTTPStatus
    body: str | bytes | Stream = b""
    media_type: str = "text/plain"
    headers: dict[str, str] | None = None
    etag: str = ""
    """What tells this body from every other, in quotation marks; empty if nothing."""

    def status_for(self, request: Request) -> HTTPStatus:
        """Return the status of this answer to that request, which may have it."""
        if self.etag and request.has(self.etag):
            return HTTPStatus.NOT_MODIFIED
        return self.status

    def send(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request: with headers alone if it is a HEAD (RFC 9110, 9.3.2)."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers, status = _SAFETY | (self.headers or {}), self.status_for(request)
        if self.etag:
            headers["ETag"] = self.etag
        # RFC 9110, 15.3.5 and 15.4.5: these have no content.
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            body = b""
        else:
            # Of the types used here, the text/ ones alone have that parameter.
            charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
            headers.setdefault("Content-Type", f"{self.media_type}{charset}")
            if isinstance(body, bytes):
                headers["Content-Length"] = str(len(body))
        start_response(_STATUS_LINES[status], list(headers.items()))
        if isinstance(body, bytes):
            return () if request.method == "HEAD" or not body else (body,)
        if request.method == "HEAD":
            body.close()
            return ()
        return body


def _parse(what: str, encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise RequestError(
            HTTPStatus.BAD_REQUEST, f"{what} is not valid UTF-8"
        ) from None
    except ValueError:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            f"{what} has too many parameters; allowed: {_MOST_PARAMETERS}",
        ) from None


def _too_large() -> RequestError:
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body is too large; allowed: {_MOST_BODY_BYTES} bytes",
    )


def _plain_address(text: str) -> str:
    """Leave out a port, which proxies may add, and that an IPv4 address is mapped."""
    if text.count(":") == 1:
        return text.partition(":")[0]
    if ":" not in text:
        return text
    try:
        address = IPv6Address(text.removeprefix("[").partition("]")[0])
    except ValueError:
        return text
    return str(address.ipv4_mapped or address)
