"""HTTP requests, read from WSGI (PEP 3333)."""

import re
import socket
import struct
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from ipaddress import IPv6Address
from urllib.parse import quote, unquote_plus
from wsgiref.types import WSGIEnvironment

from page_tracker.counting.client import Client
from page_tracker.counting.readable_hosts import readable_host

_MAX_PARAMETERS = 32
_MAX_BODY_BYTES = 16 * 1024
# Our server allows 5 s for each part, so a client may send as slowly as 6.4 kB/s.
_PART_BYTES = 32 * 1024
# Only this part of the User-Agent is used, because caches keep it.
_AGENT_CHARACTERS = 512
# PEP 383: each byte that is not UTF-8 becomes one of these characters.
_NOT_UTF8 = "surrogateescape"
_BYTE = re.compile("[\udc80-\udcff]")
# navigator.sendBeacon() sends a string as text/plain.
_FORM_TYPES = ("application/x-www-form-urlencoded", "text/plain")

# With these headers, browsers mark requests for pages that they load in advance.
_PURPOSES = frozenset(
    f"HTTP_{name}" for name in ("SEC_PURPOSE", "PURPOSE", "X_PURPOSE", "X_MOZ")
)


class RequestError(Exception):
    """The request cannot be served. The text says why, and what is allowed."""

    def __init__(
        self, status: HTTPStatus, reason: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


class NotCountedError(RequestError):
    """The views of a site are not counted here."""

    def __init__(self, site: str) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN,
            f"{readable_host(site)} is not counted here: it is not in "
            "PAGE_TRACKER_SITES",
        )


class Parameters:
    """The named values of a request, from its query and from a form in its body."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._values)

    def all(self, name: str) -> list[str]:
        """Return all values, in the order in which they are given."""
        return self._values.get(name, [])

    def get_only(self, name: str) -> str | None:
        """Return the value, or None if there is none, or if there are several."""
        values = self._values.get(name)
        return values[0] if values is not None and len(values) == 1 else None

    def get(self, name: str) -> str | None:
        """Return the value, or None. Raises RequestError if there are several."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise RequestError(
                HTTPStatus.BAD_REQUEST,
                f"{name} is given {len(values)} times; allowed: once",
            )
        return values[0]


class Request:
    """An HTTP request."""

    __slots__ = ("_environ", "method", "path")

    def __init__(self, environ: WSGIEnvironment, base_path: str = "") -> None:
        """Read a WSGI environ. Remove the base path if the path begins with it."""
        self._environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        # PEP 3333: the path of the app's root may be empty.
        self.path: str = environ.get("PATH_INFO", "").removeprefix(base_path) or "/"

    @property
    def multiprocess(self) -> bool:
        """Whether the server has several worker processes."""
        return bool(self._environ["wsgi.multiprocess"])

    @property
    def authorization(self) -> str:
        """The credentials that the client sends; empty if it sends none."""
        authorization: str = self._environ.get("HTTP_AUTHORIZATION", "")
        return authorization

    @property
    def media_type(self) -> str:
        """The media type of the body, in small letters; empty if it is not named."""
        named: str = self._environ.get("CONTENT_TYPE", "")
        return named.partition(";")[0].strip().lower()

    @property
    def fetch_site(self) -> str:
        """How a browser says that the page which sends this is related to the tracker.

        Empty if the client does not say it (W3C, Fetch Metadata Request Headers).
        """
        fetch_site: str = self._environ.get("HTTP_SEC_FETCH_SITE", "")
        return fetch_site

    @property
    def origin(self) -> str:
        """The origin of the page that sends this; empty if the client does not say."""
        origin: str = self._environ.get("HTTP_ORIGIN", "")
        return origin

    @property
    def host(self) -> str:
        """The host that the client has asked, perhaps with a port; empty without."""
        host: str = self._environ.get("HTTP_HOST", "")
        return host

    @property
    def idempotency_key(self) -> str:
        """The name that the client gives to the request; empty if it gives none."""
        key: str = self._environ.get("HTTP_IDEMPOTENCY_KEY", "")
        return key

    @property
    def accept(self) -> str:
        """The media types that the client accepts; empty if it names none."""
        accept: str = self._environ.get("HTTP_ACCEPT", "")
        return accept

    def accepts_encoding(self, name: str) -> bool:
        """Return whether the client reads it (RFC 9110, 12.5.3: named, without q=0)."""
        weights: dict[str, float] = {}
        for item in self._environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
            coding, *parameters = (part.strip() for part in item.split(";"))
            weights[coding] = _weight(parameters)
        return weights.get(name, weights.get("*", 0)) > 0

    @property
    def target(self) -> str:
        """The path and query, in printable ASCII without spaces or quotation marks."""
        path = quote(self.path, safe="/:@!$&+,;=()*", encoding="latin-1")
        # Escapes in the query stay as they are.
        query = quote(
            self._environ.get("QUERY_STRING", ""),
            safe="/:@!$&+,;=()*?%",
            encoding="latin-1",
        )
        return f"{path}?{query}" if query else path

    def client(self, trusted_proxies: int) -> Client:
        """Return what is known about the client.

        Clients opt out of tracking with Sec-GPC (Global Privacy Control) or DNT
        (Tracking Preference Expression, W3C 2019).
        """
        environ = self._environ
        purposes = _PURPOSES & environ.keys()
        return Client(
            address=self._find_address(trusted_proxies),
            agent=environ.get("HTTP_USER_AGENT", "")[:_AGENT_CHARACTERS],
            untracked="1" in (environ.get("HTTP_SEC_GPC"), environ.get("HTTP_DNT")),
            prefetched=any(
                environ[name].startswith(("prefetch", "prerender", "preview"))
                for name in purposes
            ),
        )

    def has(self, etag: str) -> bool:
        """Return whether the client has a copy with this ETag (RFC 9110, 13.1.2)."""
        known = self._environ.get("HTTP_IF_NONE_MATCH", "").split(",")
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known)

    def _find_address(self, trusted_proxies: int) -> str:
        # Each trusted proxy appends the address of its client to X-Forwarded-For. A
        # client can forge all entries to the left of these.
        address: str = self._environ.get("REMOTE_ADDR", "")
        forwarded: str = self._environ.get("HTTP_X_FORWARDED_FOR", "")
        if trusted_proxies and forwarded:
            hops = forwarded.split(",")
            address = hops[-min(trusted_proxies, len(hops))]
        return _plain_address(address.strip())

    def path_segment(self, index: int) -> str:
        """Return a segment of the path. The first segment has the index 0.

        Raises RequestError if it is not valid UTF-8.
        """
        try:
            # PEP 3333: each character stands for one byte.
            return self.path.split("/")[index + 1].encode("latin-1").decode()
        except UnicodeDecodeError:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the path is not valid UTF-8"
            ) from None

    def parameters(self) -> Parameters:
        """Return the query, and the form of a POST. Raises RequestError."""
        pairs = self._parse_query()
        if self.method == "POST":
            pairs += _parse("the body", self._read_form())
        return Parameters(pairs)

    def query(self, most: int = _MAX_PARAMETERS) -> Parameters:
        """Return the query. Raises RequestError if it has more parameters than that."""
        return Parameters(self._parse_query(most))

    def body_parts(self, limit: int) -> Iterator[bytes]:
        """Yield the body in parts. Raises RequestError if it is longer than the limit.

        The limit is in bytes. A part may take as long as the server lets it.
        """
        length = self._environ.get("CONTENT_LENGTH") or ""
        announced = _parse_length(length, limit) if length else None
        # Without a length, read only if the server knows where the body ends.
        if announced is None and not self._environ.get("wsgi.input_terminated"):
            raise RequestError(
                HTTPStatus.LENGTH_REQUIRED,
                "the body has no Content-Length; allowed: a number of bytes",
            )
        left = limit + 1 if announced is None else announced
        while left and (part := self._read(min(left, _PART_BYTES))):
            yield part
            left -= len(part)
        if announced is not None and left:
            raise _too_short()
        if announced is None and not left:
            raise _too_large(limit)

    def break_off(self) -> None:
        """Reset the connection, so that the client sees that the answer is not whole.

        In HTTP/1.0, which many proxies speak, the end of the connection is otherwise
        the end of the answer. Only Gunicorn gives access to the connection.
        """
        connection = self._environ.get("gunicorn.socket")
        if connection is not None:
            reset_at_close = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_at_close)
            connection.close()

    def _parse_query(self, most: int = _MAX_PARAMETERS) -> list[tuple[str, str]]:
        query = self._environ.get("QUERY_STRING", "").encode("latin-1")
        return _parse("the query", query, most)

    def _read_form(self) -> bytes:
        """Read the body if it is a form. Raises RequestError."""
        length = self._environ.get("CONTENT_LENGTH") or ""
        if self.media_type not in _FORM_TYPES:
            return b""
        if length:
            return self._read_announced(length)
        # Without a length, read only if the server knows where the body ends.
        if not self._environ.get("wsgi.input_terminated"):
            return b""
        body = self._read(_MAX_BODY_BYTES + 1)
        if len(body) > _MAX_BODY_BYTES:
            raise _too_large(_MAX_BODY_BYTES)
        return body

    def _read_announced(self, length: str) -> bytes:
        announced = _parse_length(length, _MAX_BODY_BYTES)
        body = self._read(announced)
        if len(body) < announced:
            raise _too_short()
        return body

    def _read(self, size: int) -> bytes:
        try:
            body: bytes = self._environ["wsgi.input"].read(size)
            return body
        except TimeoutError:
            raise RequestError(
                HTTPStatus.REQUEST_TIMEOUT, "the body took too long to arrive"
            ) from None
        except OSError as error:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "the body could not be read"
            ) from error


def _weight(parameters: list[str]) -> float:
    """Return the weight q, or 0 if it is not a number (RFC 9110, 12.4.2)."""
    for parameter in parameters:
        if found := re.fullmatch(r"q=([01](?:\.[0-9]{0,3})?)", parameter):
            return float(found[1])
    return 0 if parameters else 1


def _parse(
    what: str, encoded: bytes, most: int = _MAX_PARAMETERS
) -> list[tuple[str, str]]:
    """Return names and values. Bytes that are not UTF-8 stay percent-encoded in them.

    People write page=https://example.com/caf%E9 without encoding it once more.
    parse_qsl() of urllib.parse takes three times as long.
    """
    parts = encoded.decode(errors=_NOT_UTF8).split("&")
    if len(parts) > most:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            f"{what} has too many parameters; allowed: {most}",
        )
    pairs = (part.partition("=") for part in parts if part)
    return [(_decode(name), _decode(value)) for name, _, value in pairs]


def _decode(text: str) -> str:
    if "%" in text or "+" in text:
        text = unquote_plus(text, errors=_NOT_UTF8)
    if text.isascii():
        return text
    return _BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", text)


def _parse_length(text: str, limit: int) -> int:
    """Return the length of a body. Raises RequestError."""
    if not re.fullmatch("[0-9]{1,19}", text):
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "the Content-Length is not a number; allowed: a number of bytes",
        )
    if int(text) > limit:
        raise _too_large(limit)
    return int(text)


def _too_short() -> RequestError:
    return RequestError(
        HTTPStatus.BAD_REQUEST, "the body is shorter than its Content-Length"
    )


def _too_large(limit: int) -> RequestError:
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body is too large; allowed: {limit} bytes",
    )


def _plain_address(text: str) -> str:
    """Remove a port, which proxies may add, and the prefix of mapped IPv4 addresses."""
    if text.count(":") == 1:
        return text.partition(":")[0]
    if ":" not in text:
        return text
    try:
        address = IPv6Address(text.removeprefix("[").partition("]")[0])
    except ValueError:
        return text
    return str(address.ipv4_mapped or address)
