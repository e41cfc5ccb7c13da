"""Counts in the memory of one process: for tests, and for a first look."""

import os
import time
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.model import FRONT_PAGE, Ignored, Limits, Page, Tally, View
from page_tracker.pseudonyms import new_salt, pseudonym


@dataclass(slots=True)
class _Day:
    salt: bytes = field(default_factory=new_salt)
    visitors: defaultdict[str, set[bytes]] = field(
        default_factory=lambda: defaultdict(set)
    )
    ignored: defaultdict[str, Counter[Ignored]] = field(
        default_factory=lambda: defaultdict(Counter)
    )


@dataclass(slots=True)
class _Site:
    views: int = 0
    pages: Counter[str] = field(default_factory=Counter)


class MemoryBackend:
    """Counts that are exact within one process and end with it."""

    kind = "memory"
    shared = False

    def __init__(self, *, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._lock = Lock()
        self._sites: dict[str, _Site] = {}
        self._days: dict[date, _Day] = {}
        self._seen = _Seen(limits.repeats_s)
        self._owner: int | None = None

    def record(self, view: View) -> Tally:
        """Count one view; BackendError in a process forked after the first view."""
        self._refuse_copies()
        # Before the lock, so that no fork can copy it locked into a process that
        # is not turned away above.
        self._owner = os.getpid()
        with self._lock:
            day, site = self._day(view.day), self._sites.get(view.page.site)
            visitor = None
            if view.visitor is not None:
                visitor = pseudonym(view.visitor, view.page.site, day.salt)
            ignored = view.ignored
            if ignored is None and (visitor, view.page) in self._seen:
                ignored = Ignored.REPEAT
            if ignored is None:
                self._count(view.page, day, visitor)
            elif site is not None:
                day.ignored[view.page.site][ignored] += 1
            return self._tally(view.page, view.day, ignored)

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands; BackendError where record raises it."""
        self._refuse_copies()
        with self._lock:
            return self._tally(page, day)

    def ignored(self, site: str, day: date) -> dict[Ignored, int]:
        """Return what was ignored; BackendError where record raises it."""
        self._refuse_copies()
        with self._lock:
            if day not in self._days:
                return {}
            return dict(self._days[day].ignored.get(site, {}))

    def check(self) -> list[str]:
        """Warn that counts end with the process; BackendError as for record."""
        self._refuse_copies()
        return ["counts in memory end with the process; Redis keeps them"]

    def _count(self, page: Page, day: _Day, visitor: bytes | None) -> None:
        known = self._sites.get(page.site)
        if known is None and page.site and self._named_sites() >= self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)
        site = known or _Site()
        most = self._limits.pages_per_site
        if page.path not in site.pages and len(site.pages) >= most:
            raise LimitReachedError.of_pages(page.site, most)
        site.views += 1
        site.pages[page.path] += 1
        self._sites[page.site] = site
        if visitor is not None:
            day.visitors[page.site].add(visitor)
            self._seen.add((visitor, page))

    def _named_sites(self) -> int:
        return len(self._sites) - (FRONT_PAGE.site in self._sites)

    def _day(self, day: date) -> _Day:
        """Begin a day, and forget all but the one before it."""
        if day not in self._days:
            yesterday = day - timedelta(days=1)
            self._days = {d: kept for d, kept in self._days.items() if d >= yesterday}
            self._days[day] = _Day()
        return self._days[day]

    def _tally(self, page: Page, day: date, ignored: Ignored | None = None) -> Tally:
        site = self._sites.get(page.site, _Site())
        visitors = self._days[day].visitors if day in self._days else {}
        return Tally(
            page_views=site.pages[page.path],
            site_views=site.views,
            site_visitors_today=len(visitors.get(page.site, ())),
            ignored=ignored,
        )

    def _refuse_copies(self) -> None:
        # After a fork, both processes would give the same numbers, and the views
        # that one counts would be missing in the other.
        if self._owner not in (None, os.getpid()):
            raise BackendError("counts in memory belong to the process that began them")


class _Seen:
    """Who has seen which page within so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # Oldest first, since all stay for as long.
        self._until: OrderedDict[tuple[bytes, Page], float] = OrderedDict()

    def __contains__(self, who_and_what: tuple[bytes | None, Page]) -> bool:
        now = time.monotonic()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        return who_and_what in self._until

    def add(self, who_and_what: tuple[bytes, Page]) -> None:
        """Remember who has seen what, from now on."""
        if self._seconds:
            self._until[who_and_what] = time.monotonic() + self._seconds
