"""What one site can take: all its keys are in one slot, and so on one master."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from redis import Redis

from page_tracker import Limits, Page, View
from page_tracker.backends.redis.recording import record
from tests.benchmarks.report import table

_SITE = "one.example"
_SALT = bytes(32)
_PAGES = 100
_VISITORS = 10_000
_SIZES = (1, 4, 16, 64, 256)


@dataclass(frozen=True, slots=True)
class Batches:
    """Views of one site, in batches of this size that arrive one after the other."""

    views: int
    """How many views each batch has."""

    redis_cpu_us: float
    """The CPU time of Redis for each view."""

    received_bytes: float
    """The bytes that Redis receives for each view."""

    written_bytes: float
    """The bytes that Redis appends to its file for each view."""

    views_per_core: float
    """The views in a second that use the whole time of one core."""


@dataclass(frozen=True, slots=True)
class Site:
    """The memory of a site in Redis that had a view of one page by one visitor."""

    total_bytes: int
    """What stays forever."""

    day_bytes: int
    """What is added on each day with a view, which one worker has counted."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """The memory in which Redis estimates the visitors of a site on a day."""

    visitors: int
    memory_bytes: int


def measure_batches(redis: Redis, seconds: float) -> list[Batches]:
    """Count batches of each size for this time."""
    return [_measure(redis, views, seconds) for views in _SIZES]


def _measure(redis: Redis, views: int, seconds: float) -> Batches:
    writer, numbers, visitors = uuid4().hex, count(1), count()
    day = datetime.now(UTC).date()

    def next_call() -> Any:
        viewed = [
            View(
                Page(_SITE, f"/page/{number % _PAGES}"),
                day,
                f"visitor {number % _VISITORS}",
            )
            for number in (next(visitors) for _ in range(views))
        ]
        return record(writer, next(numbers), viewed, _SALT, Limits())

    redis.execute_command(*next_call().by_source())
    before, sent = _used(redis), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end or not sent:
        redis.execute_command(*next_call().by_hash())
        sent += views
    used = {name: now - before[name] for name, now in _used(redis).items()}
    return Batches(
        views=views,
        redis_cpu_us=used["cpu"] / sent * 1e6,
        received_bytes=used["total_net_input_bytes"] / sent,
        written_bytes=used["aof_current_size"] / sent,
        views_per_core=sent / used["cpu"],
    )


def _used(redis: Redis) -> dict[str, float]:
    info = redis.info("all")
    names = "total_net_input_bytes", "aof_current_size"
    cpu = info["used_cpu_user"] + info["used_cpu_sys"]
    return {name: info[name] for name in names} | {"cpu": cpu}


def measure_site(redis: Redis) -> Site:
    """Count one view of one page on two days, and return the memory that they take."""
    site, today = f"{uuid4()}.example", datetime.now(UTC).date()
    sizes = []
    for number, day in enumerate((today, today - timedelta(1)), start=1):
        view = View(Page(site, "/page"), day, "visitor", referrer="news.example.org")
        call = record("writer", number, [view], _SALT, Limits())
        redis.execute_command(*call.by_source())
        keys = redis.keys(f"*{site}*")
        sizes.append(sum(redis.memory_usage(key, samples=0) or 0 for key in keys))
    return Site(
        total_bytes=2 * sizes[0] - sizes[1],
        day_bytes=sizes[1] - sizes[0],
    )


def measure_visitors(redis: Redis) -> list[Visitors]:
    """Return the memory of different numbers of visitors."""
    key, measured = "visitors", []
    for visitors in (1, 100, 1_000, 10_000, 1_000_000):
        redis.delete(key)
        for begin in range(0, visitors, 1000):
            most = min(begin + 1000, visitors)
            redis.pfadd(key, *(f"visitor {number}" for number in range(begin, most)))
        memory = redis.memory_usage(key, samples=0)
        measured.append(Visitors(visitors, int(memory or 0)))
    redis.delete(key)
    return measured


def table_of_batches(batches: Sequence[Batches]) -> str:
    """Return a table of what a view costs in a batch."""
    rows = [
        (
            str(each.views),
            f"{each.redis_cpu_us:.1f}",
            f"{each.received_bytes:.0f}",
            f"{each.written_bytes:.0f}",
            _spaced(round(each.views_per_core)),
        )
        for each in batches
    ]
    headings = (
        "views in each batch",
        "Redis CPU, µs/view",
        "to Redis, bytes/view",
        "file, bytes/view",
        "views/s of one core",
    )
    return table("One site on one master", headings, rows)


def table_of_memory(site: Site, visitors: Sequence[Visitors]) -> str:
    """Return a table of the memory that a site takes."""
    rows = [
        ("a site with 1 page and 1 referrer", f"{site.total_bytes}"),
        ("each day on which 1 visitor views it", f"{site.day_bytes}"),
        *(
            (
                f"the visitors of a day, if there are {_spaced(each.visitors)}",
                _spaced(each.memory_bytes),
            )
            for each in visitors
        ),
    ]
    return table("Memory of a site in Redis", ("what", "bytes"), rows)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
