"""Counts that come from elsewhere: gathered in Redis first, then added in one step.

What is gathered is seen by nobody, and goes by itself after a day. So what comes is
added whole or not at all, whatever fails on the way. Only in a cluster, where no step
can change several servers, is it whole site by site: the same import again then adds
what is left.
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
from page_tracker.backends.redis.script_calls import Argument, Call, Script, number
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS, Count, Limits

_STAGE, _PAGES_WITH_STAGED = Script("stage.lua"), Script("pages_with_staged.lua")
_ADD_STAGED = Script("add_staged.lua")

# So many are sent at once, in some milliseconds of Redis.
_AT_ONCE = 5_000

_Place = tuple[str, date | None]


class Import:
    """One run of an import, which gathers counts and then adds them."""

    def __init__(self, queues: RequestQueues, limits: Limits) -> None:
        self._queues = queues
        self._limits = limits
        self._run = uuid4().hex
        self._parts = count(1)
        self._views: Counter[_Place] = Counter()
        self._sites: set[str] = set()

    def stage(self, counts: Iterable[Count]) -> None:
        """Gather the counts. Raises BackendError, also LimitReachedError."""
        part: defaultdict[_Place, Counter[str]] = defaultdict(Counter)
        size = 0
        for each in counts:
            place = each.page.site, each.day
            part[place][each.page.path] += each.views
            self._views[place] += each.views
            size += 1
            if size == _AT_ONCE:
                self._send(part)
                part.clear()
                size = 0
        self._send(part)
        self._check_limits()

    def _send(self, part: dict[_Place, Counter[str]]) -> None:
        number_of_part = next(self._parts)
        calls = []
        for (site, day), pages in part.items():
            self._sites.add(site)
            key = self._staged(site, day)
            arguments: list[Argument] = [number_of_part]
            for path, views in pages.items():
                arguments += (views, path)
            calls.append(Call(_STAGE, (key, f"{key}:part"), tuple(arguments), number))
        self._queues.ask_all(calls)

    def _check_limits(self) -> None:
        named = self._sites - {FRONT_PAGE.site}
        if len(named.union(known_sites(self._queues))) > self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)
        most = self._limits.pages_per_site
        for site in self._sites:
            staged = self._staged(site, None)
            keys = key_of(site, "pages"), staged, f"{staged}:both"
            call = Call(_PAGES_WITH_STAGED, keys, (most,), number)
            if self._queues.ask(call) > most:
                raise LimitReachedError.of_pages(site, most)

    def add(self, name: str, *, replace: bool, today: date) -> bool:
        """Add what is gathered; tell whether any was. Raises BackendError."""
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
            staged = self._staged(site, None)
            keys += (key_of(site, "imports"), site_key(site), key_of(site, "pages"))
            keys += (staged, f"{staged}:both")
            days = self._days(site, replace, today)
            whole = int(site == FRONT_PAGE.site)
            arguments += (whole, self._views[site, None], len(days))
            for day in days:
                keys += (key_of(site, f"views:{day}"), key_of(site, f"day:{day}"))
                keys.append(self._staged(site, day))
                arguments += (self._views[site, day], _too_old(day))
        call = Call(
            _ADD_STAGED,
            tuple(keys),
            tuple(arguments),
            lambda reply: [b"1" in reply.split()],
        )
        added: bool = self._queues.ask(call)
        return added

    def _days(self, site: str, replace: bool, today: date) -> list[date]:
        """Return the days that change: with replace also those that are not given."""
        given = {day for of_site, day in self._views if of_site == site and day}
        replaced = kept_days(today) if replace and given else []
        return sorted(given.union(replaced))

    def _staged(self, site: str, day: date | None) -> str:
        return key_of(site, f"import:{self._run}:{day or 'pages'}")


def _too_old(day: date) -> int:
    """Return the Unix time from which on a day is not kept any more."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int((end + timedelta(days=RETENTION_DAYS + 1)).timestamp())
