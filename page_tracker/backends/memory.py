"""Counts in the memory of one process: for tests, and for a first look."""

# pylint: disable=unused-argument  # what day it is: here, all that there are are known

import os
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.counting.ignored_views import Ignored
from page_tracker.counting.model import (
    FRONT_PAGE,
    RETENTION_DAYS,
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
from page_tracker.counting.pseudonyms import new_salt, pseudonym
from page_tracker.operations.metrics import Metrics


@dataclass(slots=True)
class _Day:
    pages: Counter[str] = field(default_factory=Counter)
    visitors: set[bytes] = field(default_factory=set)
    ignored: Counter[Ignored] = field(default_factory=Counter)


@dataclass(slots=True)
class _Site:
    views: int = 0
    pages: Counter[str] = field(default_factory=Counter)
    days: dict[date, _Day] = field(default_factory=dict)
    taken_in: set[str] = field(default_factory=set)


class MemoryBackend:
    """Counts that are exact within one process and end with it."""

    kind = "memory"
    shared = False

    def __init__(
        self, *, limits: Limits = Limits(), metrics: Metrics | None = None
    ) -> None:
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._lock = Lock()
        self._sites: dict[str, _Site] = {}
        self._salts: dict[date, bytes] = {}
        self._seen = _Seen(limits.repeats_s)
        self._owner: int | None = None

    def record(self, view: View) -> Tally:
        """Count one view; BackendError in a process forked after the first view."""
        with self._mine():
            visitor = None
            if view.visitor is not None:
                salt = self._salt(view.day)
                visitor = pseudonym(view.visitor, view.page.site, salt)
            ignored = view.ignored
            if ignored is None and (visitor, view.page) in self._seen:
                ignored = Ignored.REPEAT
            if ignored is None:
                self._count(view.page, view.day, visitor)
            else:
                self._metrics.ignored(ignored)
                if view.page.site in self._sites:
                    _day(self._sites[view.page.site], view.day).ignored[ignored] += 1
            return self._tally(view.page, view.day, ignored)

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands; BackendError where record raises it."""
        self._refuse_copies()
        with self._lock:
            return self._tally(page, day)

    def check(self) -> list[str]:
        """Warn that counts end with the process; BackendError as for record."""
        self._refuse_copies()
        return ["counts in memory end with the process; Redis keeps them"]

    def sites(self, today: date) -> list[SiteTotal]:
        """Return all sites, the most viewed first; BackendError as for record."""
        self._refuse_copies()
        with self._lock:
            totals = [
                _total(name, site, today)
                for name, site in self._sites.items()
                if name or site.views
            ]
        return sorted(totals, key=lambda total: (-total.views, total.site))

    def pages(  # pylint: disable=too-many-arguments  # all but one by their names
        self,
        site: str,
        *,
        day: date | None = None,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages; BackendError as for record."""
        self._refuse_copies()
        with self._lock:
            ranked = [(views, path) for path, views in self._pages(site, day).items()]
        found = tuple(
            PageViews(Page(site, path), views)
            for views, path in sorted(ranked, reverse=True)
            if search.lower() in path.lower()
            and (after is None or (views, path) < (after.views, after.page.path))
        )
        more = found[limit - 1] if len(found) > limit else None
        return Ranking(found[:limit], more)

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return what a site had on each day; BackendError as for record."""
        self._refuse_copies()
        with self._lock:
            of_days = [self._on(site, day) for day in days]
            return [
                DayTotal(day, of_day.pages.total(), len(of_day.visitors))
                for day, of_day in zip(days, of_days, strict=True)
            ]

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return what was ignored; BackendError as for record."""
        self._refuse_copies()
        with self._lock:
            return dict(
                sum((self._on(site, day).ignored for day in days), Counter[Ignored]())
            )

    def set_views(self, page: Page, views: int) -> int:
        """Let a page have so many views; BackendError as for record."""
        with self._mine():
            site = self._site(page)
            before = site.pages[page.path]
            site.views += views - before
            site.pages[page.path] = views
            return before

    def delete_page(self, page: Page, today: date) -> int:
        """Forget a page; BackendError as for record."""
        with self._mine():
            site = self._sites.get(page.site)
            if site is None:
                return 0
            for day in site.days.values():
                day.pages.pop(page.path, None)
            views = site.pages.pop(page.path, 0)
            site.views -= views
            return views

    def delete_site(self, site: str, today: date) -> int:
        """Forget all of a site; BackendError as for record."""
        with self._mine():
            return self._sites.pop(site, _Site()).views

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield all counts of a site; BackendError as for record."""
        self._refuse_copies()
        with self._lock:
            known = self._sites.get(site, _Site())
            lists: list[tuple[date | None, Counter[str]]]
            lists = [(None, Counter(known.pages))]
            lists += [(day, Counter(of.pages)) for day, of in known.days.items()]
        for day, pages in lists:
            for path, views in pages.items():
                yield Count(Page(site, path), views, day)

    def add_counts(
        self, counts: Iterable[Count], *, name: str, replace: bool, today: date
    ) -> bool:
        """Add counts to what there is; BackendError as for record."""
        summed: Counter[tuple[Page, date | None]] = Counter()
        for count in counts:
            summed[count.page, count.day] += count.views
        with self._mine():
            before = self._sites
            # A copy, so that all of it is taken in or none.
            self._sites = {site: _copy(of_site) for site, of_site in before.items()}
            try:
                return self._add(summed, name, replace)
            except BaseException:
                self._sites = before
                raise

    def _add(
        self, counts: Counter[tuple[Page, date | None]], name: str, replace: bool
    ) -> bool:
        known = {site for site, of in self._sites.items() if name in of.taken_in}
        pages = {page for page, day in counts if day is None}
        if replace:
            known = set()
            of_days = any(day for _, day in counts)
            for page in pages:
                site = self._sites.get(page.site, _Site())
                site.views -= site.pages.pop(page.path, 0)
                for of_day in site.days.values() if of_days else ():
                    of_day.pages.pop(page.path, None)
        for (page, day), views in counts.items():
            if page.site in known:
                continue
            if day is None:
                site = self._site(page)
                site.views += views
                site.pages[page.path] += views
            else:
                _day(self._site(page), day).pages[page.path] += views
        sites = {page.site for page, _ in counts}
        for site_name in sites:
            self._sites[site_name].taken_in.add(name)
        return bool(sites - known)

    def _mine(self) -> Lock:
        """Return the lock of the counts, in the process that may change them."""
        self._refuse_copies()
        # Before the lock, so that no fork can copy it locked into a process that
        # is not turned away above.
        self._owner = os.getpid()
        return self._lock

    def _count(self, page: Page, day: date, visitor: bytes | None) -> None:
        site = self._site(page)
        site.views += 1
        site.pages[page.path] += 1
        of_day = _day(site, day)
        of_day.pages[page.path] += 1
        if visitor is not None:
            of_day.visitors.add(visitor)
            self._seen.add((visitor, page))

    def _site(self, page: Page) -> _Site:
        """Return the site of a page that is to be there. Raises LimitReachedError."""
        known = self._sites.get(page.site)
        if known is None and page.site and self._named_sites() >= self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)
        site = known or _Site()
        most = self._limits.pages_per_site
        if page.path not in site.pages and len(site.pages) >= most:
            raise LimitReachedError.of_pages(page.site, most)
        self._sites[page.site] = site
        return site

    def _named_sites(self) -> int:
        return len(self._sites) - (FRONT_PAGE.site in self._sites)

    def _salt(self, day: date) -> bytes:
        """Return the day's secret, and forget all but that of the day before it."""
        if day not in self._salts:
            yesterday = day - timedelta(days=1)
            self._salts = {d: salt for d, salt in self._salts.items() if d >= yesterday}
            self._salts[day] = new_salt()
        return self._salts[day]

    def _tally(self, page: Page, day: date, ignored: Ignored | None = None) -> Tally:
        site = self._sites.get(page.site, _Site())
        return Tally(
            page_views=site.pages[page.path],
            site_views=site.views,
            site_visitors_today=len(site.days.get(day, _Day()).visitors),
            ignored=ignored,
        )

    def _pages(self, site: str, day: date | None) -> Counter[str]:
        if day is not None:
            return self._on(site, day).pages
        return self._sites.get(site, _Site()).pages

    def _on(self, site: str, day: date) -> _Day:
        return self._sites.get(site, _Site()).days.get(day, _Day())

    def _refuse_copies(self) -> None:
        # After a fork, both processes would give the same numbers, and the views
        # that one counts would be missing in the other.
        if self._owner not in (None, os.getpid()):
            raise BackendError("counts in memory belong to the process that began them")


def _day(site: _Site, day: date) -> _Day:
    """Begin a day, and forget those that are too old."""
    if day not in site.days:
        oldest = day - timedelta(days=RETENTION_DAYS)
        site.days = {d: kept for d, kept in site.days.items() if d > oldest}
        site.days[day] = _Day()
    return site.days[day]


def _total(name: str, site: _Site, today: date) -> SiteTotal:
    of_today = site.days.get(today, _Day())
    return SiteTotal(
        name,
        site.views,
        len(site.pages),
        of_today.pages.total(),
        len(of_today.visitors),
    )


def _copy(site: _Site) -> _Site:
    days = {
        day: _Day(Counter(of.pages), set(of.visitors), Counter(of.ignored))
        for day, of in site.days.items()
    }
    return _Site(site.views, Counter(site.pages), days, set(site.taken_in))


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
