"""Counts in the memory of one process: for tests, and for a first look."""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from page_tracker.backends.protocol import BackendError
from page_tracker.model import Page, Tally, View
from page_tracker.pseudonyms import new_salt, pseudonym


@dataclass(slots=True)
class _Day:
    salt: bytes = field(default_factory=new_salt)
    visitors: defaultdict[str, set[bytes]] = field(
        default_factory=lambda: defaultdict(set)
    )


class MemoryBackend:
    """Counts that are exact within one process and end with it."""

    kind = "memory"
    shared = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._site_views: Counter[str] = Counter()
        self._page_views: Counter[Page] = Counter()
        self._days: dict[date, _Day] = {}
        self._owner: int | None = None

    def record(self, view: View) -> Tally:
        """Count one view; BackendError in a process forked after the first view."""
        self._refuse_copies()
        # Before the lock, so that no fork can copy it locked into a process that
        # is not turned away above.
        self._owner = os.getpid()
        with self._lock:
            self._site_views[view.page.site] += 1
            self._page_views[view.page] += 1
            if view.visitor is not None:
                day, site = self._day(view.day), view.page.site
                day.visitors[site].add(pseudonym(view.visitor, site, day.salt))
            return self._tally(view.page, view.day)

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands; BackendError where record raises it."""
        self._refuse_copies()
        with self._lock:
            return self._tally(page, day)

    def check(self) -> list[str]:
        """Warn that counts end with the process; BackendError as for record."""
        self._refuse_copies()
        return ["counts in memory end with the process; Redis keeps them"]

    def _day(self, day: date) -> _Day:
        """Begin a day, and forget all but the one before it."""
        if day not in self._days:
            yesterday = day - timedelta(days=1)
            self._days = {d: kept for d, kept in self._days.items() if d >= yesterday}
            self._days[day] = _Day()
        return self._days[day]

    def _tally(self, page: Page, day: date) -> Tally:
        visitors = self._days[day].visitors if day in self._days else {}
        return Tally(
            page_views=self._page_views[page],
            site_views=self._site_views[page.site],
            site_visitors_today=len(visitors.get(page.site, ())),
        )

    def _refuse_copies(self) -> None:
        # After a fork, both processes would give the same numbers, and the views
        # that one counts would be missing in the other.
        if self._owner not in (None, os.getpid()):
            raise BackendError("counts in memory belong to the process that began them")
