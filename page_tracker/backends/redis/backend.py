"""The Redis backend: each method of the protocol, and the queues of requests."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from time import monotonic

from page_tracker.backends.group_commit import check_deadline
from page_tracker.backends.merging import check_pages, check_sites
from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.redis import changing, exporting, merging, reading
from page_tracker.backends.redis.admission import NO_LIMIT, KnownSites, admit
from page_tracker.backends.redis.batches import Batches
from page_tracker.backends.redis.health import RedisHealth
from page_tracker.backends.redis.importing import import_counts
from page_tracker.backends.redis.keys import site_key
from page_tracker.backends.redis.recording import TallyRequest
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.shares import RedisShares
from page_tracker.backends.redis.staging import Run
from page_tracker.counting.model import (
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
from page_tracker.operations.forks import call_after_fork
from page_tracker.operations.metrics import Metrics

# Changing or exporting many pages may take long. Views do not wait in this queue.
_LONG_DEADLINE_S = 60.0


class RedisBackend:
    """Counts in Redis, which outlive the process and are shared by all processes.

    Each view is counted exactly once, however often it is sent: see record.lua.
    """

    kind = "redis"
    shared = True

    def __init__(
        self,
        url: str,
        *,
        deadline_s: float = 2.0,
        limits: Limits = Limits(),
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare to count at a checked URL. Connects when first used.

        A request fails if Redis does not answer it within deadline_s seconds, or within
        60 s if it changes or exports counts. Raises ValueError.
        """
        check_deadline(deadline_s)
        self._url = url
        self._deadline_s = deadline_s
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._create_queues()
        # A child process must not use the connections and batches of its parent.
        call_after_fork(self._create_queues)

    def _create_queues(self) -> None:
        long_s = max(self._deadline_s, _LONG_DEADLINE_S)
        self._health = RedisHealth(self._url, self._limits)
        self._counting = self._open_queues(self._deadline_s, self._metrics)
        # The metrics are about views, not about what the owner reads and changes.
        self._reading = self._open_queues(self._deadline_s, Metrics())
        self._changing = self._open_queues(long_s, Metrics())
        self.shares = RedisShares(self._reading)
        self._batches = Batches(self._changing, self._counting, self._limits)
        self._known_sites = KnownSites(
            self._counting, self._limits.sites, self._deadline_s
        )

    def _open_queues(self, deadline_s: float, metrics: Metrics) -> RequestQueues:
        return RequestQueues(
            self._url, deadline_s=deadline_s, limits=self._limits, metrics=metrics
        )

    def record(self, view: View) -> Tally:
        """Count one view, in one batch with views that arrive at the same time.

        Raises BackendError and its subclasses.
        """
        until = monotonic() + self._deadline_s
        site = view.page.site
        if view.ignored is None:
            self._known_sites.admit(site, until)
        queue = self._counting.of(site_key(site))
        tally: Tally = queue.call(view, until=until)
        if tally.site_views == 1 and view.ignored is None:
            # The site may have been deleted since it was admitted. The view is counted
            # even if the site cannot be admitted again.
            self._known_sites.forget(site)
            with suppress(BackendError):
                self._known_sites.admit(site, until)
        if tally.ignored is not None:
            self._metrics.ignored(tally.ignored)
        self._batches.look()
        return tally

    def record_batch(self, views: Sequence[View], *, name: str, today: date) -> None:
        """Count all views, or none. Raises BackendError, LimitReachedError."""
        self._batches.record(views, name, today)

    def tallies(self, pages: Sequence[Page], day: date) -> list[Tally]:
        """Return the current tallies, in the order of pages. Raises BackendError."""
        queues = [self._counting.of(site_key(page.site)) for page in pages]
        pendings = [
            (queue, queue.submit(TallyRequest(page, day)))
            for queue, page in zip(queues, pages, strict=True)
        ]
        return [queue.result(pending) for queue, pending in pendings]

    def tally(self, page: Page, day: date) -> Tally:
        """Return the current tally. Raises BackendError."""
        queue = self._counting.of(site_key(page.site))
        tally: Tally = queue.call(TallyRequest(page, day))
        return tally

    def check(self) -> Health:
        """Return the health of Redis.

        The result is at most 0.5 s old. Raises BackendError if a view would not be
        counted. Finishes batches that were interrupted.
        """
        health = self._health.check()
        self._batches.look()
        return health

    def sites(self, today: date, only: str | None = None) -> list[SiteTotal]:
        """Return all sites, the most viewed first, or one. Raises BackendError."""
        return reading.sites(self._reading, today, only)

    def pages(  # pylint: disable=too-many-arguments  # most are keyword-only
        self,
        site: str,
        *,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages. Raises BackendError."""
        return reading.ranking(
            self._reading, site, search=search, limit=limit, after=after
        )

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return the totals of a site on each day. Raises BackendError."""
        return reading.history(self._reading, site, days)

    def page_history(self, page: Page, days: Sequence[date]) -> list[int]:
        """Return the views of a page on each day. Raises BackendError."""
        return reading.page_history(self._reading, page, days)

    def page_views(self, site: str, days: Sequence[date]) -> dict[str, int]:
        """Return the views of each page on these days. Raises BackendError."""
        return reading.page_views(self._reading, site, days)

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return the ignored views of a site, by reason. Raises BackendError."""
        return reading.ignored(self._reading, site, days)

    def referrers(
        self, site: str, days: Sequence[date] | None = None
    ) -> dict[str, int]:
        """Return the views by referrer. Raises BackendError."""
        return reading.referrers(self._reading, site, days)

    def set_views(self, page: Page, views: int, *, change: str | None = None) -> int:
        """Set the total views of a page, and return their number before.

        Raises BackendError and its subclass LimitReachedError.
        """
        admit(self._changing, self._limits.sites, page.site)
        call = changing.set_views(page, views, self._limits, change)
        before: int = self._changing.call(call)
        return before

    def add_views(
        self,
        page: Page,
        views: int,
        *,
        day: date | None = None,
        change: str | None = None,
    ) -> Numbers:
        """Add views to a page, and return the numbers before.

        Raises BackendError and its subclasses LimitReachedError and TooFewViewsError.
        """
        if views > 0:
            admit(self._changing, self._limits.sites, page.site)
        call = changing.add_views(page, views, day, self._limits, change)
        before: Numbers = self._changing.call(call)
        return before

    def delete_page(self, page: Page, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a page, return its views. Raises BackendError."""
        views: int = self._changing.call(changing.delete_page(page, today, change))
        return views

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        """Keep a text, and return the kept one. Raises BackendError."""
        kept: str = self._changing.call(changing.remember(name, text, instead_of))
        return kept

    def delete_site(self, site: str, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a site, return its views. Raises BackendError."""
        # The name is deleted first: a view that is counted after the deletion adds it
        # again, and then it must stay.
        self._changing.call(changing.forget_site(site))
        views: int = self._changing.call(changing.delete_site(site, today, change))
        if self.tally(Page(site, ""), today).site_views:
            # Views have come since, also after a change with this name long ago.
            admit(self._changing, NO_LIMIT, site)
        return views

    def merge_pages(self, site: str, into: Mapping[str, str], today: date) -> None:
        """Merge pages of a site. Raises ValueError, BackendError."""
        check_pages(site, into)
        merging.merge_pages(Run(self._changing, False, today), site, into)

    def merge_sites(self, site: str, into: str, today: date) -> None:
        """Merge a site into another one. Raises ValueError, BackendError."""
        check_sites(site, into)
        merging.merge_sites(Run(self._changing, False, today), site, into)

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield all counts of a site. Raises BackendError."""
        return exporting.counts(self._changing, site, today)

    def first_day(self, site: str, today: date) -> date | None:
        """Return the first day of a site, if known. Raises BackendError."""
        return reading.first_day(self._reading, site, today)

    def imports(self, site: str) -> dict[str, tuple[date, date] | None]:
        """Return the imports of a site, with their days. Raises BackendError."""
        return reading.imports(self._reading, site)

    def import_counts(
        self, sites: Mapping[str, SiteImport], *, replace: bool, today: date
    ) -> set[str]:
        """Import counts in short steps, between which views are counted.

        In a cluster, one site is changed after another. Raises BackendError and its
        subclass LimitReachedError.
        """
        return import_counts(Run(self._changing, replace, today), sites, self._limits)
