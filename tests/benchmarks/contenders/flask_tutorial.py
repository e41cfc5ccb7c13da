"""The Flask app of Real Python's tutorial on continuous integration with Docker.

The tutorial uses Gunicorn's sync workers, which close each connection. Here, the app
runs in gevent workers, like the tracker. Otherwise, the benchmark would mostly measure
the time to connect.
"""

import os
from functools import cache

from flask import Flask
from redis import Redis

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """Count one view, and return the text with the new total."""
    page_views = redis().incr("page_views")
    return f"This page has been seen {page_views} times."


@cache
def redis() -> Redis:
    """Return the client. The first call creates it."""
    # The default limit of the library is 100. Beyond it, requests would fail.
    return Redis.from_url(os.environ["REDIS_URL"], max_connections=256)
