"""Reads what an export contains from a backend."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.ignored_views import Ignored
from page_tracker.counting.model import Count
from page_tracker.transfer.formats.own_json import (
    entry_of_count,
    entry_of_day,
    entry_of_first_day,
)
from page_tracker.transfer.importing import oldest_kept_day


def totals(backend: CounterBackend, site: str, today: date) -> Iterator[Count]:
    """Yield the total views of each page of a site. Raises BackendError."""
    # The totals come first.
    return takewhile(lambda count: count.day is None, backend.counts(site, today))


def entries(
    backend: CounterBackend, site: str, today: date, since: date | None
) -> Iterator[dict[str, Any]]:
    """Yield all that is kept of a site, as entries of our JSON. Raises BackendError.

    With a day, yield only what is kept of single days from this day on.
    """
    first_day = backend.first_day(site, today)
    if since is None and first_day is not None:
        yield entry_of_first_day(site, first_day)
    for count in backend.counts(site, today):
        if since is None or count.day is not None and count.day >= since:
            yield entry_of_count(count)
    # Tomorrow has begun in some time zones.
    newest, oldest = today + timedelta(days=1), oldest_kept_day(today)
    first = max(since or oldest, oldest)
    days = [first + timedelta(days=n) for n in range((newest - first).days + 1)]
    yield from _entries_of_days(backend, site, days)


def _entries_of_days(
    backend: CounterBackend, site: str, days: list[date]
) -> Iterator[dict[str, Any]]:
    any_ignored = bool(backend.ignored(site, days))
    for total in backend.history(site, days):
        ignored: dict[Ignored, int] = {}
        if any_ignored:
            ignored = backend.ignored(site, [total.day])
        if total.visitors or ignored:
            yield entry_of_day(site, total.day, total.visitors, ignored)
