"""Counts in the memory of one process: for tests, and for a first look."""

# The protocol passes today's date for the names of keys in Redis.
# pylint: disable=unused-argument

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TypeVar

from page_tracker.backends.memory_batches import check_room
from page_tracker.backends.memory_changes import Changes
from page_tracker.backends.memory_imports import MemoryImports
from page_tracker.backends.memory_shares import MemoryShares
from page_tracker.backends.memory_sites import (
    Day,
    Site,
    add_views,
    copy_pages,
    count_view,
    delete_page,
    get_or_add_day,
    merge_page,
    merge_site,
    ranked,
    set_views,
    total,
)
from page_tracker.backends.memory_visitors import Visitors
from page_tracker.backends.merging import check_pages, check_sites
from page_tracker.backends.pauses import add_with_pauses
from page_tracker.backends.protocol import BackendError, Health, LimitReachedError
from page_tracker.counting.model import (
    FRONT_PAGE,
    Count,
    DayTotal,
    Ignored,
    Limits,
    Numbers,
    Page,
    PageViews,
    Ranking,
    SiteImport,
    SiteTotal,
    Tally,
    View,
)
from page_tracker.operations.metrics import Metrics

T = TypeVar("T")


class MemoryBackend:
    """Counts that are exact within one process, and are lost when it ends."""

    kind = "memory"
    shared = False

    def __init__(
        self, *, limits: Limits = Limits(), metrics: Metrics | None = None
    ) -> None:
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._lock = threading.Lock()
        self._sites: dict[str, Site] = {}
        self.shares = MemoryShares(self._sites)
        self._imports = MemoryImports(self._sites, self._lock, limits)
        self._visitors = Visitors(limits.repeats_s)
        self._owner: int | None = None
        self._changes, self._answers = Changes(), Changes()

    def record(self, view: View) -> Tally:
        """Count one view. Raises BackendError as _check_process() does."""
        with self._lock_to_change():
            visitor = self._visitors.pseudonym(view)
            ignored = view.ignored
            if ignored is None and self._visitors.has_just_viewed(visitor, view.page):
                ignored = Ignored.REPEAT
            if ignored is None:
                self._count(view, visitor)
            else:
                self._metrics.ignored(ignored)
                if view.page.site in self._sites:
                    for site in self._imports.versions(view.page.site):
                        get_or_add_day(site, view.day).ignored[ignored] += 1
            return self._tally(view.page, view.day, ignored)

    def record_batch(self, views: Sequence[View], *, name: str, today: date) -> None:
        """Count all views, or none.

        Raises LimitReachedError, and BackendError as record() does.
        """

        def record() -> None:
            check_room(self._sites, views, self._limits)
            for view in views:
                self._sites.setdefault(view.page.site, Site())
                visitor = self._visitors.pseudonym(view)
                for site in self._imports.versions(view.page.site):
                    count_view(site, view, visitor, self._limits.referrers_per_site)
                    if site.first_day:
                        site.first_day = min(site.first_day, view.day)

        with self._lock_to_change():
            self._changes.once(f"batch:{name}", record)

    def tallies(self, pages: Sequence[Page], day: date) -> list[Tally]:
        """Return the current tallies. Raises BackendError as record() does."""
        return [self.tally(page, day) for page in pages]

    def tally(self, page: Page, day: date) -> Tally:
        """Return the current tally. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            return self._tally(page, day)

    def check(self) -> Health:
        """Warn that counts will be lost. Raises BackendError as record() does."""
        self._check_process()
        return Health(("counts in memory are lost when the process ends",))

    def sites(self, today: date, only: str | None = None) -> list[SiteTotal]:
        """Return all sites, or one. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            totals = [
                total(name, site, today)
                for name, site in self._sites.items()
                if (name or site.views) and only in (None, name)
            ]
        return sorted(totals, key=lambda total: (-total.views, total.site))

    def pages(  # pylint: disable=too-many-arguments  # most are keyword-only
        self,
        site: str,
        *,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            pages = dict(self._sites.get(site, Site()).pages)
        found = list(ranked(site, pages, search, after))
        more = found[limit - 1] if len(found) > limit else None
        return Ranking(tuple(found[:limit]), more)

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return the totals of each day. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            counted = [self._day_of(site, day) for day in days]
            return [
                DayTotal(day, counts.pages.total(), counts.count_visitors())
                for day, counts in zip(days, counted, strict=True)
            ]

    def page_history(self, page: Page, days: Sequence[date]) -> list[int]:
        """Return the views on each day. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            return [self._day_of(page.site, day).pages[page.path] for day in days]

    def page_views(self, site: str, days: Sequence[date]) -> dict[str, int]:
        """Return the views of each page. Raises BackendError as record() does."""
        self._check_process()
        return self._sums(site, days, lambda day: day.pages)

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return the ignored views. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            found = (self._day_of(site, day).ignored for day in days)
            return dict(sum(found, Counter[Ignored]()))

    def referrers(
        self, site: str, days: Sequence[date] | None = None
    ) -> dict[str, int]:
        """Return the views by referrer. Raises BackendError as record() does."""
        self._check_process()
        if days is not None:
            return self._sums(site, days, lambda day: day.referrers)
        with self._lock:
            return dict(self._sites.get(site, Site()).referrers)

    def set_views(self, page: Page, views: int, *, change: str | None = None) -> int:
        """Set the views of a page. Raises BackendError as record() does."""
        return self._change(
            lambda: set_views(self._get_or_add_site(page), page.path, views),
            page.site,
            name=change,
        )

    def add_views(
        self,
        page: Page,
        views: int,
        *,
        day: date | None = None,
        change: str | None = None,
    ) -> Numbers:
        """Add views to a page, and return the numbers before.

        Raises TooFewViewsError, and BackendError as record() does.
        """

        def add() -> Numbers:
            if views > 0:
                self._get_or_add_site(page)
            return add_views(self._sites.get(page.site, Site()), page, views, day)

        return self._change(add, page.site, name=change)

    def delete_page(self, page: Page, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a page. Raises BackendError as record() does."""
        return self._change(
            lambda: delete_page(self._sites.get(page.site, Site()), page.path),
            page.site,
            name=change,
        )

    def delete_site(self, site: str, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a site. Raises BackendError as record() does."""
        return self._change(lambda: self._forget(site).views, site, name=change)

    def _forget(self, site: str) -> Site:
        forgotten = self._sites.pop(site, Site())
        # Now no link can be added any more.
        self.shares.end(site)
        return forgotten

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        """Keep a text. Raises BackendError as record() does."""
        with self._lock_to_change():
            kept = self._answers.once(name, lambda: text)
            if kept != instead_of:
                return kept
            self._answers.forget(name)
            return self._answers.once(name, lambda: text)

    def merge_pages(self, site: str, into: Mapping[str, str], today: date) -> None:
        """Merge pages. Raises ValueError, and BackendError as record() does."""
        check_pages(site, into)
        for path, target in into.items():
            self._change(partial(self._merge_page, site, path, target), site)

    def _merge_page(self, site: str, path: str, into: str) -> None:
        merge_page(self._sites.get(site, Site()), path, into)

    def merge_sites(self, site: str, into: str, today: date) -> None:
        """Merge two sites. Raises ValueError, and BackendError as record() does."""
        check_sites(site, into)

        def merge() -> None:
            if site in self._sites:
                merged = self._forget(site)
                merge_site(merged, self._sites.setdefault(into, Site()))

        self._change(merge, site, into)

    def _change(
        self, change: Callable[[], T], *sites: str, name: str | None = None
    ) -> T:
        """Make a change by the owner once, and end the imports into these sites."""

        def make() -> T:
            result = change()
            self._imports.end(sites)
            return result

        with self._lock_to_change():
            return self._changes.once(name, make)

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield all counts of a site. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            lists = copy_pages(self._sites.get(site, Site()))
        for day, pages in lists:
            for path, views in sorted(pages.items()):
                yield Count(Page(site, path), views, day)

    def first_day(self, site: str, today: date) -> date | None:
        """Return the first day of a site. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            known = self._sites.get(site, Site())
            days = [day for day, counts in known.days.items() if counts.pages]
            return min([*days, *filter(None, [known.first_day])], default=None)

    def imports(self, site: str) -> dict[str, tuple[date, date] | None]:
        """Return the imports of a site. Raises BackendError as record() does."""
        self._check_process()
        with self._lock:
            return dict(self._sites.get(site, Site()).imports)

    def import_counts(
        self, sites: Mapping[str, SiteImport], *, replace: bool, today: date
    ) -> set[str]:
        """Import counts. Raises BackendError as record() does.

        A later import of one of the sites, or a change to it by the owner, ends an
        import with BackendError.
        """
        # Only for this: the import acquires the lock for one short step after another.
        self._lock_to_change()
        return self._imports.run(sites, replace=replace)

    def _lock_to_change(self) -> threading.Lock:
        """Return the lock for a change, and make this process the owner of the counts.

        Raises BackendError as _check_process() does.
        """
        self._check_process()
        # Set before the lock is acquired. After a fork, a child that inherits a locked
        # lock is then refused, and does not wait for it.
        self._owner = os.getpid()
        return self._lock

    def _count(self, view: View, visitor: bytes | None) -> None:
        self._get_or_add_site(view.page)
        for site in self._imports.versions(view.page.site):
            count_view(site, view, visitor, self._limits.referrers_per_site)
        if visitor is not None:
            self._visitors.remember(visitor, view.page)

    def _get_or_add_site(self, page: Page) -> Site:
        """Return the site of a page, added if new. Raises LimitReachedError."""
        known = self._sites.get(page.site)
        if (
            known is None
            and page.site
            and self._count_named_sites() >= self._limits.sites
        ):
            raise LimitReachedError.of_sites(self._limits.sites)
        site = known or Site()
        limit = self._limits.pages_per_site
        if page.path not in site.pages and len(site.pages) >= limit:
            raise LimitReachedError.of_pages(page.site, limit)
        self._sites[page.site] = site
        return site

    def _count_named_sites(self) -> int:
        return len(self._sites) - (FRONT_PAGE.site in self._sites)

    def _tally(self, page: Page, day: date, ignored: Ignored | None = None) -> Tally:
        site = self._sites.get(page.site, Site())
        return Tally(
            page_views=site.pages[page.path],
            site_views=site.views,
            site_visitors_today=site.days.get(day, Day()).count_visitors(),
            ignored=ignored,
        )

    def _sums(
        self, site: str, days: Sequence[date], counts_of: Callable[[Day], Counter[str]]
    ) -> dict[str, int]:
        """Return sums over days, made while views are counted."""
        sums = dict[str, int]()
        for day in days:
            with self._lock:
                of_day = dict(counts_of(self._day_of(site, day)))
            add_with_pauses(sums, of_day)
        return sums

    def _day_of(self, site: str, day: date) -> Day:
        return self._sites.get(site, Site()).days.get(day, Day())

    def _check_process(self) -> None:
        """Raise BackendError in a process that was forked after the first change.

        Both processes would give views the same numbers, and neither would have the
        views of the other.
        """
        if self._owner not in (None, os.getpid()):
            raise BackendError("another process owns the counts in memory")
