"""Counts in Redis, or in Valkey, which speaks the same protocol."""

from contextlib import suppress
from datetime import date
from math import inf
from time import monotonic

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis import script_calls as calls
from page_tracker.backends.redis.health import RedisHealth
from page_tracker.backends.redis.ledger import RedisLedger
from page_tracker.backends.redis.request_queues import STEPS_PER_DEADLINE, Lanes
from page_tracker.counting.model import Limits, Page, Tally, View
from page_tracker.operations.metrics import Metrics

# Then it is asked again whether a site is known: somebody may have deleted it.
_KNOWN_S = 60.0


class RedisBackend(RedisLedger):
    """Counts that outlive this process and are shared by all that use the same Redis.

    Views are counted exactly once, however often they must be sent: see record.lua.
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
        """Prepare to count at a URL, see check_redis_url(); connects later.

        Whatever is not answered after deadline_s seconds fails; what changes or exports
        many counts at once, after 60. Raises ValueError.
        """
        if not 0 < deadline_s < inf:
            raise ValueError(f"a deadline of {deadline_s} s; allowed: more than 0")
        self._metrics = metrics or Metrics()
        self._known_until: dict[str, float] = {}
        super().__init__(url, deadline_s=deadline_s, limits=limits)

    def _begin(self) -> None:
        super()._begin()
        self._health = RedisHealth(self._url)
        self._counting = Lanes(
            self._url,
            deadline_s=self._deadline_s,
            limits=self._limits,
            metrics=self._metrics,
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
        if tally.ignored is not None:
            self._metrics.ignored(tally.ignored)
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
            until = now + self._deadline_s / STEPS_PER_DEADLINE
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
