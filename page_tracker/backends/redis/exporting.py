"""Export of the counts of a site. It reads snapshots, so that counting can go on."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import uuid4

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.changing import kept_days
from page_tracker.backends.redis.copying import copy_pages
from page_tracker.backends.redis.keys import key_of
from page_tracker.backends.redis.reading import site_views, sizes_of
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script, parse_integer
from page_tracker.backends.redis.staging import Run
from page_tracker.counting.model import FRONT_PAGE, Count, Page

_READ_COPY, _DROP = Script("read_copy.lua"), Script("drop.lua")

_PAGES_PER_CALL = 1000


def counts(queues: RequestQueues, site: str, today: date) -> Iterator[Count]:
    """Yield the counts of a site: totals, then each day. Raises BackendError."""
    run = Run(queues, replaces=False, today=today)
    if site == FRONT_PAGE.site:
        # The front page shows the views of its site, which users may set in Redis.
        if views := site_views(queues, site, today):
            yield Count(FRONT_PAGE, views)
    else:
        yield from _read_counts(run, site, None)
    for day in _days_with_pages(queues, site, today):
        yield from _read_counts(run, site, day)


def _days_with_pages(queues: RequestQueues, site: str, today: date) -> list[date]:
    """Return the days that have pages, the oldest first."""
    days = kept_days(today)[::-1]
    sizes = queues.call(sizes_of([key_of(site, f"day:{day}") for day in days]))
    return [day for day, size in zip(days, sizes, strict=True) if size]


def _read_counts(run: Run, site: str, day: date | None) -> Iterator[Count]:
    queues, kind = run.queues, f"day:{day}" if day else "pages"
    snapshot = key_of(site, f"export:{uuid4().hex}")
    try:
        pages = copy_pages(run, site, kind, snapshot)
        for begin in range(0, pages, _PAGES_PER_CALL):
            part = _read_part(queues, snapshot, begin)
            if not part:
                raise BackendError(f"the snapshot of the counts of {site} is gone")
            for path, views in part:
                yield Count(Page(site, path.decode()), int(views), day)
    finally:
        # The reader may have stopped early. If this fails, the snapshot expires.
        with suppress(BackendError):
            queues.call(Call(_DROP, (snapshot,), (), parse_integer))


def _read_part(
    queues: RequestQueues, snapshot: str, begin: int
) -> list[tuple[bytes, bytes]]:
    part: list[tuple[bytes, bytes]] = queues.call(
        Call(
            _READ_COPY,
            (snapshot,),
            (begin, begin + _PAGES_PER_CALL - 1),
            lambda reply: [list(zip(reply[::2], reply[1::2], strict=True))],
        )
    )
    return part
