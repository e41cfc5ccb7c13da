"""Counts in Redis, or in Valkey, which speaks the same protocol."""

import os
from datetime import date
from math import inf
from time import monotonic
from typing import Any
from weakref import WeakMethod

from page_tracker.backends import redis_calls as calls
from page_tracker.backends.group_commit import GroupCommit
from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis_client import open_client
from page_tracker.backends.redis_delivery import Delivery, Question
from page_tracker.backends.redis_health import RedisHealth
from page_tracker.metrics import Metrics
from page_tracker.model import Ignored, Limits, Page, Tally, View

# So that what is lost three times in a row is sent a fourth time before the deadline.
_STEPS_PER_DEADLINE = 4
# Then it is asked again whether a site is known: somebody may have deleted it.
_KNOWN_S = 60.0


class RedisBackend:
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

        Whatever is not answered after deadline_s seconds fails. Raises ValueError.
        """
        if not 0 < deadline_s < inf:
            raise ValueError(f"a deadline of {deadline_s} s; allowed: more than 0")
        self._url = url
        self._deadline_s = deadline_s
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._known_until: dict[str, float] = {}
        self._begin()
        begin = WeakMethod(self._begin)
        # What the parent has under way is not the child's: no batch, no connection.
        os.register_at_fork(after_in_child=lambda: (method := begin()) and method())

    def _begin(self) -> None:
        self._health = RedisHealth(self._url)
        self._client = open_client(
            self._url, timeout_s=self._deadline_s / _STEPS_PER_DEADLINE
        )
        delivery = Delivery(self._client, self._limits, self._metrics)
        self._lanes: list[GroupCommit[Question, Any]] = [
            GroupCommit(
                delivery.commit,
                deadline_s=self._deadline_s,
                on_outage=self._metrics.breakers_opened,
            )
            for _ in range(self._client.lanes)
        ]

    def record(self, view: View) -> Tally:
        """Count one view, together with those that arrive meanwhile.

        Raises BackendError, also LimitReachedError.
        """
        until = monotonic() + self._deadline_s
        if view.ignored is None:
            self._admit(view.page.site, until)
        tally: Tally = self._lane_of(view.page.site).ask(view, until=until)
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
            until = now + self._deadline_s / _STEPS_PER_DEADLINE
        call = calls.admit(site, self._limits.sites)
        try:
            admitted = self._lane(call.keys[0]).ask(call, until=until)
        except BackendError:
            if known_until is None:
                raise
            admitted = True
        if not admitted:
            raise LimitReachedError.of_sites(self._limits.sites)
        self._known_until[site] = now + _KNOWN_S

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands. Raises BackendError."""
        tally: Tally = self._lane_of(page.site).ask(calls.Reading(page, day))
        return tally

    def ignored(self, site: str, day: date) -> dict[Ignored, int]:
        """Return how many views were ignored, by reason. Raises BackendError."""
        call = calls.ignored(site, day)
        ignored: dict[Ignored, int] = self._lane(call.keys[0]).ask(call)
        return ignored

    def check(self) -> list[str]:
        """Return how Redis may lose counts, as found out at most 0.5 s ago.

        Raises BackendError if Redis does not answer, or says that it takes no views.
        """
        return self._health.check()

    def _lane_of(self, site: str) -> GroupCommit[Question, Any]:
        return self._lane(calls.site_key(site))

    def _lane(self, key: str) -> GroupCommit[Question, Any]:
        return self._lanes[self._client.lane(key)]
