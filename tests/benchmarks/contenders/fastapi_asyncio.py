"""FastAPI with the asyncio client of redis-py, for uvicorn."""

import os

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from redis.asyncio import Redis

app = FastAPI()

# The default limit of the library is 100. Beyond it, requests would fail.
_REDIS = Redis.from_url(os.environ["REDIS_URL"], max_connections=256)


@app.get("/", response_class=PlainTextResponse)
async def front_page() -> str:
    """Count one view, and return the text with the new total."""
    return f"This page has been seen {await _REDIS.incr('page_views')} times."
