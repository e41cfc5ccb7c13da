"""HTTP over WSGI (PEP 3333): what is asked and answered, read and sent nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from wsgiref.types import StartResponse, WSGIEnvironment

# On every answer, errors included: nobody may guess another type, run or frame
# what is answered, or keep an answer (RFC 9111 lets caches keep even a 404).
_SAFETY = (
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for, and whether other processes serve beside this one."""

    method: str
    path: str
    address: str
    """Where the connection comes from, as text; empty for a socket in a file."""
    agent: str
    """What the client calls itself; empty if it does not."""
    untracked: bool
    """Whether the client asks not to be tracked."""
    multiprocess: bool

    @classmethod
    def from_environ(cls, environ: WSGIEnvironment) -> Self:
        """Read the request out of a WSGI environ."""
        return cls(
            method=environ["REQUEST_METHOD"],
            # PEP 3333: the path may be empty when the root of the app is meant.
            path=environ.get("PATH_INFO") or "/",
            address=environ.get("REMOTE_ADDR", ""),
            agent=environ.get("HTTP_USER_AGENT", ""),
            untracked="1" in (environ.get("HTTP_SEC_GPC"), environ.get("HTTP_DNT")),
            multiprocess=environ["wsgi.multiprocess"],
        )


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer in UTF-8; its media type is given without the charset."""

    status: HTTPStatus
    text: str
    media_type: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request: with headers alone if it is a HEAD (RFC 9110, 9.3.2)."""
        body = self.text.encode()
        # Of the types used here, the text/ ones alone have that parameter.
        charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
        start_response(
            f"{self.status.value} {self.status.phrase}",
            [
                ("Content-Type", f"{self.media_type}{charset}"),
                ("Content-Length", str(len(body))),
                *_SAFETY,
                *self.headers,
            ],
        )
        return () if request.method == "HEAD" else (body,)
