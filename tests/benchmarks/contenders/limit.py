"""The limit: what Gunicorn takes to answer at all, with the tracker's settings."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

_BODY = b"This page has been seen 1000000 times."
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(_BODY))),
]


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with a body that is as long as the others', and do nothing more."""
    start_response("200 OK", _HEADERS)
    return (_BODY,)
