"""What the owner of sites sees and changes in Redis."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from weakref import WeakMethod

from page_tracker.backends.redis import changing as changes
from page_tracker.backends.redis import exporting, reading
from page_tracker.backends.redis.importing import Import
from page_tracker.backends.redis.request_queues import Lanes
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Ignored,
    Limits,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
)
from page_tracker.operations.metrics import Metrics

# What changes or copies many pages may take a while, and nobody's view waits for it.
_LONG_DEADLINE_S = 60.0


class RedisLedger:
    """All that is kept, over connections of its own, so that no view waits for it."""

    def __init__(self, url: str, *, deadline_s: float, limits: Limits) -> None:
        """Prepare to ask at a checked URL; connects later."""
        self._url = url
        self._deadline_s = deadline_s
        self._limits = limits
        self._begin()
        begin = WeakMethod(self._begin)
        # What the parent has under way is not the child's: no batch, no connection.
        os.register_at_fork(after_in_child=lambda: (method := begin()) and method())

    def _begin(self) -> None:
        self._reading = self._lanes(self._deadline_s)
        self._changing = self._lanes(max(self._deadline_s, _LONG_DEADLINE_S))

    def _lanes(self, deadline_s: float) -> Lanes:
        # What the owner does is none of the numbers on views.
        return Lanes(
            self._url, deadline_s=deadline_s, limits=self._limits, metrics=Metrics()
        )

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
        changes.admit(self._changing, page.site, self._limits)
        before: int = self._changing.ask(changes.set_views(page, views, self._limits))
        return before

    def delete_page(self, page: Page, today: date) -> int:
        """Forget a page, return its views. Raises BackendError."""
        views: int = self._changing.ask(changes.delete_page(page, today))
        return views

    def delete_site(self, site: str, today: date) -> int:
        """Forget all of a site, return its views. Raises BackendError."""
        # First the name: what is counted after the counts are gone brings it back.
        self._changing.ask(changes.forget_site(site))
        views: int = self._changing.ask(changes.delete_site(site, today))
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
