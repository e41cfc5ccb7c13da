"""The memory of a worker, and of a site and of a worker in Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import requests
from redis import Redis

from tests.benchmarks.running import Running
from tests.counting import TIMEOUT_S, view_front_page_concurrently
from tests.servers import (
    PAGE_TRACKER,
    RedisServer,
    TrackerServer,
    redis_servers,
    wait_until,
)

_MOST_WORKERS = 5


def memory_of_first_worker() -> str:
    """Return the memory of a tracker with one worker, after some views."""
    return f"{_memory_mb(1):.0f} MB"


def memory_of_further_worker() -> str:
    """Return the memory that each further worker adds. Workers share some memory."""
    added = _memory_mb(_MOST_WORKERS) - _memory_mb(1)
    return f"{added / (_MOST_WORKERS - 1):.0f} MB"


def _memory_mb(workers: int) -> float:
    """Return the memory (PSS) of a tracker with this many workers."""
    with TemporaryDirectory() as folder:
        file = f"sqlite:{folder}/counts.db"
        with _tracker(Path(folder), file, workers) as running:
            view_front_page_concurrently(running.url, clients=32, views=200)
            return running.memory_mb()


def memory_of_site() -> str:
    """Return the memory of the total of a site in Redis."""
    return _memory_of_key("page_views:example.com")


def memory_of_writer() -> str:
    """Return the memory of the last answer to a worker on a day in Redis."""
    return _memory_of_key("{page_views:example.com}:writer:*")


def _memory_of_key(pattern: str) -> str:
    """Count a view, and return the memory of the only key that matches."""
    with TemporaryDirectory() as folder:
        server = RedisServer(list(redis_servers().values())[0], Path(folder))
        try:
            server.start()
            with _tracker(Path(folder), server.url, 1) as running:
                hit = f"{running.url}/hit.txt?page=example.com/"
                requests.get(hit, timeout=TIMEOUT_S).raise_for_status()
            with Redis.from_url(server.url) as redis:
                (key,) = redis.keys(pattern)
                return f"{redis.memory_usage(key, samples=0)} bytes"
        finally:
            server.kill()


@contextmanager
def _tracker(folder: Path, backend: str, workers: int) -> Iterator[Running]:
    """Start a tracker. It stops at the end of the block."""
    variables = {"PAGE_TRACKER_BACKEND": backend, "WEB_CONCURRENCY": str(workers)}
    server = TrackerServer(PAGE_TRACKER, folder / "log", variables)
    try:
        url = server.address()
        wait_until(lambda: server.log.count("Booting worker") == workers, "the workers")
        first = psutil.Process(server.pid)
        yield Running(url, (first, *first.children(recursive=True)))
    finally:
        server.stop()
