"""The backend of a Redis URL: each method of the protocol, and the connections."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from math import inf
from time import monotonic
from weakref import WeakMethod

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis import changing, exporting, reading
from page_tracker.backends.redis.admission import KnownSites, admit
from page_tracker.backends.redis.health import RedisHealth
from page_tracker.backends.redis.importing import Import
from page_tracker.backends.redis.keys import site_key
from page_tracker.backends.redis.recording import TallyRequest
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.counting.ignored_views import Ignored
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Limits,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
    Tally,
    View,
)
from page_tracker.operations.metrics import Metrics

# Changing or copying many pages may take a while, and no view waits for it.
_LONG_DEADLINE_S = 60.0


class RedisBackend:
    """Counts that outlive this process and are shared by all that use the same Redis.

    Each view is counted exactly once, however often it has to be sent: see record.lua.
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
        """Prepare to count at a checked URL; connects later.

        A request that Redis does not answer within deadline_s seconds fails; one that
        changes or exports many counts, after 60 s. Raises ValueError.
        """
        if not 0 < deadline_s < inf:
            raise ValueError(f"a deadline of {deadline_s} s; allowed: more than 0")
        self._url = url
        self._deadline_s = deadline_s
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._connect_later()
        connect_later = WeakMethod(self._connect_later)
        # A child must use neither its parent's connections nor its batches.
        os.register_at_fork(
            after_in_child=lambda: (method := connect_later()) and method()
        )

    def _connect_later(self) -> None:
        long_s = max(self._deadline_s, _LONG_DEADLINE_S)
        self._health = RedisHealth(self._url)
        self._counting = self._queues(self._deadline_s, self._metrics)
        # The metrics are about views: what the owner reads and changes is not in them.
        self._reading = self._queues(self._deadline_s, Metrics())
        self._changing = self._queues(long_s, Metrics())
        self._known_sites = KnownSites(
            self._counting, self._limits.sites, self._deadline_s
        )

    def _queues(self, deadline_s: float, metrics: Metrics) -> RequestQueues:
        return RequestQueues(
            self._url, deadline_s=deadline_s, limits=self._limits, metrics=metrics
        )

    def record(self, view: View) -> Tally:
        """Count one view, together with those that arrive meanwhile.

        Raises BackendError, also LimitReachedError.
        """
        until = monotonic() + self._deadline_s
        site = view.page.site
        if view.ignored is None:
            self._known_sites.admit(site, until)
        queue = self._counting.of(site_key(site))
        tally: Tally = queue.call(view, until=until)
        if tally.site_views == 1 and view.ignored is None:
            # It may have been deleted since it was admitted. The view counts anyway.
            self._known_sites.forget(site)
            with suppress(BackendError):
                self._known_sites.admit(site, until)
        if tally.ignored is not None:
            self._metrics.ignored(tally.ignored)
        return tally

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        queue = self._counting.of(site_key(page.site))
        tally: Tally = queue.call(TallyRequest(page, day))
        return tally

    def check(self) -> list[str]:
        """Return how Redis may lose counts, as found out at most 0.5 s ago.

        Raises BackendError if Redis does not answer, or says that it takes no views.
        """
        return self._health.check()

    def sites(self, today: date) -> list[SiteTotal]:
        """Return all sites, the most viewed first. Raises BackendError."""
        return reading.sites(self._reading, today)

    def pages(  # pylint: disable=too-many-arguments  # all but one by their names
        self,
        site: str,
        *,
        day: date | None = None,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages. Raises BackendError."""
        return reading.ranking(
            self._reading, site, day=day, search=search, limit=limit, after=after
        )

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return what a site had on each day. Raises BackendError."""
        return reading.history(self._reading, site, days)

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return how many views were ignored, by reason. Raises BackendError."""
        return reading.ignored(self._reading, site, days)

    def set_views(self, page: Page, views: int) -> int:
        """Let a page have so many views.

        Raises BackendError, also LimitReachedError.
        """
        admit(self._changing, page.site, self._limits.sites)
        before: int = self._changing.call(changing.set_views(page, views, self._limits))
        return before

    def delete_page(self, page: Page, today: date) -> int:
        """Forget a page, return its views. Raises BackendError."""
        views: int = self._changing.call(changing.delete_page(page, today))
        return views

    def delete_site(self, site: str, today: date) -> int:
        """Forget all of a site, return its views. Raises BackendError."""
        # First the name: what is counted after the counts are gone brings it back.
        self._changing.call(changing.forget_site(site))
        views: int = self._changing.call(changing.delete_site(site, today))
        return views

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield all counts of a site. Raises BackendError."""
        return exporting.counts(self._changing, site, today)

    def add_counts(
        self, counts: Iterable[Count], *, name: str, replace: bool, today: date
    ) -> bool:
        """Add counts in one step, which takes a second for each million or so.

        Nothing else is answered meanwhile: views wait. Raises BackendError, also
        LimitReachedError.
        """
        run = Import(self._changing, self._limits)
        run.stage(counts)
        return run.add(name, replace=replace, today=today)
