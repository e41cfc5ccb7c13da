"""Plain WSGI with one INCR per request: the least that counts in Redis."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from redis import BlockingConnectionPool, Redis

# As many connections as the tracker may have.
_REDIS = Redis(
    connection_pool=BlockingConnectionPool.from_url(
        os.environ["REDIS_URL"], max_connections=256
    )
)


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Count one view and say how many there are with it."""
    body = f"This page has been seen {_REDIS.incr('page_views')} times.".encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    start_response("200 OK", headers)
    return (body,)
