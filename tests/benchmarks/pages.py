"""Pages of one site, as they are kept in Redis, and the memory that they take there."""

from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Memory:
    """What pages take in Redis, in bytes."""

    pages: int

    keys_per_page: float
    """MEMORY USAGE of the keys, divided by the pages."""

    used_per_page: float
    """What used_memory grew by, divided by the pages."""


def fill(redis: Redis, pages: int) -> None:
    """Leave a million views of the front page in Redis, so many pages, and no more.

    With a million, the answers of all rounds are of one length.
    """
    redis.flushall()
    redis.set("page_views", 1_000_000)
    for begin in range(0, pages, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, pages))
        views = {f"/page/{number}": 1 for number in numbers}
        for key in _keys():
            redis.zadd(key, views)


def memory_of(redis: Redis, pages: int) -> Memory:
    """Fill Redis with so many pages, and return what they take."""
    # Once for nothing: Redis keeps what it needs to take them in.
    fill(redis, pages)
    fill(redis, 0)
    before = redis.info("memory")["used_memory"]
    fill(redis, pages)
    after = redis.info("memory")["used_memory"]
    keys = sum(redis.memory_usage(key, samples=0) or 0 for key in _keys())
    return Memory(pages, keys / pages, (after - before) / pages)


def _keys() -> tuple[str, str]:
    """Name the sorted sets of all views and of today's, of the site with no name."""
    return "{page_views}:pages", f"{{page_views}}:day:{datetime.now(UTC):%Y-%m-%d}"
