"""Export of the counts of a site. It reads snapshots, so that counting can go on."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import uuid4

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.changing import kept_days
from page_tracker.backends.redis.keys import key_of
from page_tracker.backends.redis.reading import site_views
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script, parse_integer
from page_tracker.counting.model import FRONT_PAGE, Count, Page

_COPY, _READ_COPY = Script("copy.lua"), Script("read_copy.lua")
_DROP = Script("drop.lua")

_PAGES_PER_CALL = 1000


def counts(queues: RequestQueues, site: str, today: date) -> Iterator[Count]:
    """Yield the counts of a site: totals, then each day. Raises BackendError."""
    if site == FRONT_PAGE.site:
        # The front page shows the views of its site, which users may set in Redis.
        if views := site_views(queues, site, today):
            yield Count(FRONT_PAGE, views)
    else:
        yield from _read_counts(queues, site, key_of(site, "pages"), None)
    for day in reversed(kept_days(today)):
        yield from _read_counts(queues, site, key_of(site, f"day:{day}"), day)


def _read_counts(
    queues: RequestQueues, site: str, key: str, day: date | None
) -> Iterator[Count]:
    snapshot = key_of(site, f"export:{uuid4().hex}")
    remaining = queues.call(Call(_COPY, (key, snapshot), (), parse_integer))
    if not remaining:
        return
    begin = 0
    while remaining > 0:
        part = queues.call(
            Call(
                _READ_COPY,
                (snapshot,),
                (begin, begin + _PAGES_PER_CALL - 1),
                lambda reply: [list(zip(reply[::2], reply[1::2], strict=True))],
            )
        )
        if not part:
            raise BackendError(f"the snapshot of the counts of {site} is gone")
        for path, views in part:
            yield Count(Page(site, path.decode()), int(views), day)
        begin, remaining = begin + _PAGES_PER_CALL, remaining - len(part)
    # If this fails, the snapshot expires.
    with suppress(BackendError):
        queues.call(Call(_DROP, (snapshot,), (), parse_integer))
