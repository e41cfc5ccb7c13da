"""The Flask app of Real Python's tutorial on continuous integration with Docker.

The tutorial has Gunicorn's sync workers, which close each connection. Here it is served
as the tracker is, by gevent workers: else it would be connecting that is measured.
"""

import os
from functools import cache

from flask import Flask
from redis import Redis

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """Count one view and say how many there are with it."""
    page_views = redis().incr("page_views")
    return f"This page has been seen {page_views} times."


@cache
def redis() -> Redis:
    """Return the client, made when it is first asked for."""
    # The library's own limit is 100, beyond which requests would fail.
    return Redis.from_url(os.environ["REDIS_URL"], max_connections=256)
