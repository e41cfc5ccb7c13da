"""Counts in Redis, or in Valkey, which speaks the same protocol."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from math import inf
from time import monotonic
from weakref import WeakMethod

from page_tracker.backends import redis_calls as calls
from page_tracker.backends import redis_changes as changes
from page_tracker.backends import redis_reading as reading
from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis_export import counts
from page_tracker.backends.redis_health import RedisHealth
from page_tracker.backends.redis_import import Import
from page_tracker.backends.redis_lanes import Lanes
from page_tracker.model import (
    Count,
    DayTotal,
    Ignored,
    Limits,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
    Tally,
    View,
)

# So that what is lost three times in a row is sent a fourth time before the deadline.
_STEPS_PER_DEADLINE = 4
# Then it is asked again whether a site is known: somebody may have deleted it.
_KNOWN_S = 60.0
# What changes or copies many pages may take a while, and nobody's view waits for it.
_LONG_DEADLINE_S = 60.0


class RedisBackend:
    """Counts that outlive this process and are shared by all that use the same Redis.

    Views are counted exactly once, however often they must be sent: see record.lua.
    """

    kind = "redis"
    shared = True

    def __init__(
        self, url: str, *, deadline_s: float = 2.0, limits: Limits = Limits()
    ) -> None:
        """Prepare to count at a URL, see check_redis_url(); connects later.

        Whatever is not answered after deadline_s seconds fails; what changes or exports
        many counts at once, after 60. Raises ValueError.
        """
        if not 0 < deadline_s < inf:
            raise ValueError(f"a deadline of {deadline_s} s; allowed: more than 0")
        self._url = url
        self._deadline_s = deadline_s
        self._limits = limits
        self._known_until: dict[str, float] = {}
        self._begin()
        begin = WeakMethod(self._begin)
        # What the parent has under way is not the child's: no batch, no connection.
        os.register_at_fork(after_in_child=lambda: (method := begin()) and method())

    def _begin(self) -> None:
        self._health = RedisHealth(self._url)
        self._counting = self._lanes(self._deadline_s)
        # Over connections of their own, so that no view waits for the owner.
        self._reading = self._lanes(self._deadline_s)
        self._changing = self._lanes(max(self._deadline_s, _LONG_DEADLINE_S))

    def _lanes(self, deadline_s: float) -> Lanes:
        step_s = deadline_s / _STEPS_PER_DEADLINE
        return Lanes(
            self._url, deadline_s=deadline_s, step_s=step_s, limits=self._limits
        )

    def record(self, view: View) -> Tally:
        """Count one view, together with those that arrive meanwhile.

        Raises BackendError, also LimitReachedError.
        """
        until = monotonic() + self._deadline_s
        site = view.page.site
        if view.ignored is None:
            self._admit(site, until)
        lane = self._counting.of(calls.site_key(site))
        tally: Tally = lane.ask(view, until=until)
        if tally.site_views == 1 and view.ignored is None:
            # It may have been deleted since it was admitted. The view counts anyway.
            self._known_until.pop(site, None)
            with suppress(BackendError):
                self._admit(site, until)
        return tally

    def _admit(self, site: str, until: float) -> None:
        """Have a site be one of those that are known, before anything is counted of it.

        Raises BackendError, also LimitReachedError.
        """
        now, known_until = monotonic(), self._known_until.get(site)
        if not site or known_until is not None and now < known_until:
            return
        if known_until is not None:
            # It is so still while nobody can be asked, and nobody shall wait for that.
            until = now + self._deadline_s / _STEPS_PER_DEADLINE
        call = calls.admit(site, self._limits.sites)
        try:
            admitted = self._counting.of(call.keys[0]).ask(call, until=until)
        except BackendError:
            if known_until is None:
                raise
            admitted = True
        if not admitted:
            self._known_until.pop(site, None)
            raise LimitReachedError.of_sites(self._limits.sites)
        self._known_until[site] = now + _KNOWN_S

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        lane = self._counting.of(calls.site_key(page.site))
        tally: Tally = lane.ask(calls.Reading(page, day))
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
        key = calls.key_of(site, f"day:{day}" if day else "pages")
        return reading.ranking(self._reading, site, key, search, limit, after)

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return what a site had on each day. Raises BackendError."""
        return reading.history(self._reading, site, days)

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return how many views were ignored, by reason. Raises BackendError."""
        return reading.ignored(self._reading, site, days)

    def set_views(self, page: Page, views: int) -> int:
        """Let a page have so many views. Raises BackendError, also LimitReachedError."""
        self._admit(page.site, monotonic() + self._deadline_s)
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
        return counts(self._changing, site, today)

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
