"""FastAPI with the asyncio client of redis-py, for uvicorn."""

import os

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from redis.asyncio import Redis

app = FastAPI()

# The library's own limit is 100, beyond which requests would fail.
_REDIS = Redis.from_url(os.environ["REDIS_URL"], max_connections=256)


@app.get("/", response_class=PlainTextResponse)
async def front_page() -> str:
    """Count one view and say how many there are with it."""
    return f"This page has been seen {await _REDIS.incr('page_views')} times."
