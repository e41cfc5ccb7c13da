"""Pages in Redis, and the memory that they use there."""

from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

from tests.benchmarks.targets import PATH, SITE

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of pages in Redis, in bytes."""

    pages: int

    keys_per_page: float
    """MEMORY USAGE of the keys, divided by the number of pages."""

    used_per_page: float
    """The growth of used_memory, divided by the number of pages."""


def fill(redis: Redis, pages: int) -> None:
    """Empty Redis. Store a million views of the front page, and a view of each page.

    With a million views, the responses of all rounds have the same length.
    """
    redis.flushall()
    redis.set("page_views", 1_000_000)
    if pages:
        redis.set(f"page_views:{SITE}", pages)
    for begin in range(0, pages, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, pages))
        views = {PATH.format(number): 1 for number in numbers}
        for key in _keys():
            redis.zadd(key, views)


def memory_of(redis: Redis, pages: int) -> Memory:
    """Fill Redis with this many pages, and return the memory that they use."""
    # The first time does not count: Redis keeps the buffers that it allocates.
    fill(redis, pages)
    fill(redis, 0)
    before = redis.info("memory")["used_memory"]
    fill(redis, pages)
    after = redis.info("memory")["used_memory"]
    keys = sum(redis.memory_usage(key, samples=0) or 0 for key in _keys())
    return Memory(pages, keys / pages, (after - before) / pages)


def _keys() -> tuple[str, str]:
    """Return the keys of the total views and of today's views of the pages."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{{page_views:{SITE}}}:pages", f"{{page_views:{SITE}}}:day:{today}"
