"""Plain WSGI with one INCR per request: the simplest way to count in Redis."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from redis import BlockingConnectionPool, Redis

# The same limit as that of the tracker.
_REDIS = Redis(
    connection_pool=BlockingConnectionPool.from_url(
        os.environ["REDIS_URL"], max_connections=256
    )
)


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Count one view, and return the text with the new total."""
    body = f"This page has been seen {_REDIS.incr('page_views')} times.".encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    start_response("200 OK", headers)
    return (body,)
