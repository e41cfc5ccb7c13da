"""All counts of a site, read from copies, each of one moment while counting goes on."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import uuid4

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.changing import kept_days
from page_tracker.backends.redis.keys import key_of
from page_tracker.backends.redis.reading import site_views
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script, number
from page_tracker.counting.model import FRONT_PAGE, Count, Page

_COPY, _READ_COPY = Script("copy.lua"), Script("read_copy.lua")
_DROP = Script("drop.lua")

_AT_ONCE = 1000


def counts(queues: RequestQueues, site: str, today: date) -> Iterator[Count]:
    """Yield all counts of a site. Raises BackendError."""
    if site == FRONT_PAGE.site:
        # People may set it by hand, and it is what the front page shows.
        if views := site_views(queues, site, today):
            yield Count(FRONT_PAGE, views)
    else:
        yield from _counts_at(queues, site, key_of(site, "pages"), None)
    for day in reversed(kept_days(today)):
        yield from _counts_at(queues, site, key_of(site, f"day:{day}"), day)


def _counts_at(
    queues: RequestQueues, site: str, key: str, day: date | None
) -> Iterator[Count]:
    copy = key_of(site, f"export:{uuid4().hex}")
    left = queues.ask(Call(_COPY, (key, copy), (), number))
    if not left:
        return
    begin = 0
    while left > 0:
        part = queues.ask(
            Call(
                _READ_COPY,
                (copy,),
                (begin, begin + _AT_ONCE - 1),
                lambda reply: [list(zip(reply[::2], reply[1::2], strict=True))],
            )
        )
        if not part:
            raise BackendError(f"the copy of the counts of {site} is gone")
        for path, views in part:
            yield Count(Page(site, path.decode()), int(views), day)
        begin, left = begin + _AT_ONCE, left - len(part)
    # It goes by itself, too.
    with suppress(BackendError):
        queues.ask(Call(_DROP, (copy,), (), number))
