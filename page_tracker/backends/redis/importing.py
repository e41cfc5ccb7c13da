"""Import of counts: staged in Redis first, then added in one atomic step.

Staged counts are invisible and expire after a day. So an import is added completely or
not at all, even if it fails halfway. In a cluster, one step cannot change several
servers, so there the import is atomic for each site. If such an import fails, the same
import again adds the sites that are missing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis.admission import admit
from page_tracker.backends.redis.changing import kept_days
from page_tracker.backends.redis.keys import key_of, site_key
from page_tracker.backends.redis.reading import known_sites
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import (
    Argument,
    Call,
    Script,
    parse_integer,
)
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS, Count, Limits

_STAGE, _PAGES_WITH_STAGED = Script("stage.lua"), Script("pages_with_staged.lua")
_ADD_STAGED = Script("add_staged.lua")

# Redis stages this many counts within a few milliseconds.
_COUNTS_PER_PART = 5_000

_SiteAndDay = tuple[str, date | None]
"""A site, and a day or None for all time."""


class Import:
    """One run of an import, which stages counts and then adds them."""

    def __init__(self, queues: RequestQueues, limits: Limits) -> None:
        self._queues = queues
        self._limits = limits
        self._run = uuid4().hex
        self._parts = count(1)
        self._views: Counter[_SiteAndDay] = Counter()
        self._sites: set[str] = set()

    def stage(self, counts: Iterable[Count]) -> None:
        """Stage the counts. Raises BackendError and its subclass LimitReachedError."""
        part: defaultdict[_SiteAndDay, Counter[str]] = defaultdict(Counter)
        size = 0
        for each in counts:
            site_and_day = each.page.site, each.day
            part[site_and_day][each.page.path] += each.views
            self._views[site_and_day] += each.views
            size += 1
            if size == _COUNTS_PER_PART:
                self._send(part)
                part.clear()
                size = 0
        self._send(part)
        self._check_limits()

    def _send(self, part: dict[_SiteAndDay, Counter[str]]) -> None:
        part_number = next(self._parts)
        calls = []
        for (site, day), pages in part.items():
            self._sites.add(site)
            key = self._staging_key(site, day)
            arguments: list[Argument] = [part_number]
            for path, views in pages.items():
                arguments += (views, path)
            calls.append(
                Call(_STAGE, (key, f"{key}:part"), tuple(arguments), parse_integer)
            )
        self._queues.call_all(calls)

    def _check_limits(self) -> None:
        named = self._sites - {FRONT_PAGE.site}
        if len(named.union(known_sites(self._queues))) > self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)
        limit = self._limits.pages_per_site
        for site in self._sites:
            staged = self._staging_key(site, None)
            keys = key_of(site, "pages"), staged, f"{staged}:both"
            call = Call(_PAGES_WITH_STAGED, keys, (limit,), parse_integer)
            if self._queues.call(call) > limit:
                raise LimitReachedError.of_pages(site, limit)

    def add(self, name: str, *, replace: bool, today: date) -> bool:
        """Add the staged counts. Return whether any were added. Raises BackendError."""
        for site in self._sites:
            admit(self._queues, site, self._limits.sites)
        sites = sorted(self._sites)
        steps = [[site] for site in sites] if self._queues.are_partitioned else [sites]
        added = [self._add(step, name, replace, today) for step in steps if step]
        return any(added)

    def _add(self, sites: list[str], name: str, replace: bool, today: date) -> bool:
        keys: list[str] = []
        arguments: list[Argument] = [name, self._run, int(replace)]
        for site in sites:
            staged = self._staging_key(site, None)
            keys += (key_of(site, "imports"), site_key(site), key_of(site, "pages"))
            keys += (staged, f"{staged}:both")
            days = self._days(site, replace, today)
            whole = int(site == FRONT_PAGE.site)
            arguments += (whole, self._views[site, None], len(days))
            for day in days:
                keys += (key_of(site, f"views:{day}"), key_of(site, f"day:{day}"))
                keys.append(self._staging_key(site, day))
                arguments += (self._views[site, day], _expiry_time(day))
        call = Call(
            _ADD_STAGED,
            tuple(keys),
            tuple(arguments),
            lambda reply: [b"1" in reply.split()],
        )
        added: bool = self._queues.call(call)
        return added

    def _days(self, site: str, replace: bool, today: date) -> list[date]:
        """Return the days that change.

        If any count of any site is of a day, replace changes all days that are kept.
        """
        given = {day for of_site, day in self._views if of_site == site and day}
        has_days = any(day for _, day in self._views)
        replaced = kept_days(today) if replace and has_days else []
        return sorted(given.union(replaced))

    def _staging_key(self, site: str, day: date | None) -> str:
        return key_of(site, f"import:{self._run}:{day or 'pages'}")


def _expiry_time(day: date) -> int:
    """Return the Unix time at which the counts of a day expire."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int((end + timedelta(days=RETENTION_DAYS + 1)).timestamp())
