"""The limit: Gunicorn with the tracker's settings and an app that does nothing else."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

_BODY = b"This page has been seen 1000000 times."
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(_BODY))),
]


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Return a body that is as long as those of the other contenders."""
    start_response("200 OK", _HEADERS)
    return (_BODY,)
