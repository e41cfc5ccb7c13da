"""Exports: what they contain, and in which form."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, takewhile
from typing import IO, Any, TypeVar

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.model import Ignored, SiteTotal
from page_tracker.counting.span import Span, oldest_kept_day
from page_tracker.transfer.formats.own_csv import write_csv
from page_tracker.transfer.formats.own_json import (
    entry_of_count,
    entry_of_day,
    entry_of_first_day,
    entry_of_referrer,
    write_json,
)
from page_tracker.transfer.goatcounter_export import write_goatcounter
from page_tracker.transfer.progress import show_progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Export:
    """An export of sites. Its methods raise BackendError and OSError."""

    backend: CounterBackend
    sites: Sequence[SiteTotal]

    now: datetime
    """The present time, in the time zone of the owner."""

    shows_progress: bool

    def write_csv(self, file: IO[str]) -> None:
        """Write the total views of each page."""
        today = self.now.date()
        totals = chain.from_iterable(
            # The totals come first.
            takewhile(
                lambda count: count.day is None, self.backend.counts(each.site, today)
            )
            for each in self.sites
        )
        pages = sum(total.pages for total in self.sites)
        write_csv(file, self._showing(totals, pages))

    def write_json(self, file: IO[str], since: date | None) -> None:
        """Write all that is kept; with a day, only what is kept of days since then."""
        entries = chain.from_iterable(
            _entries(self.backend, each.site, self.now.date(), since)
            for each in self.sites
        )
        has_referrers = any(self.backend.referrers(each.site) for each in self.sites)
        write_json(file, self._showing(entries), since, has_referrers=has_referrers)

    def write_goatcounter(self, file: IO[str]) -> None:
        """Write the views of the only site for GoatCounter."""
        (total,) = self.sites
        counts = self._showing(self.backend.counts(total.site, self.now.date()))
        write_goatcounter(file, counts, self.now)

    def _showing(self, items: Iterable[T], length: int | None = None) -> Iterator[T]:
        return show_progress(items, length, is_shown=self.shows_progress)


def _entries(
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
    kept = Span(oldest_kept_day(today), today + timedelta(days=1))
    days = [day for day in kept.days if since is None or day >= since]
    yield from _entries_of_days(backend, site, days)
    if referrers := backend.referrers(site):
        of_all_time = [None] if since is None else []
        for day in (*of_all_time, *days):
            if day is not None:
                referrers = backend.referrers(site, [day])
            for name, views in sorted(referrers.items()):
                yield entry_of_referrer(site, name, views, day)


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
