"""Rankings of pages and referrers over days, which the worker keeps for a moment.

The backend sums the views, and this module sorts them: once for all who look at them,
and for all parts and searches. Both go on in short steps, between which the worker
counts views.
"""

import threading
import time
from bisect import bisect, bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from page_tracker.backends.pauses import add_with_pauses, pause, with_pauses
from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.counting.model import FRONT_PAGE, DayTotal, Page
from page_tracker.counting.referrers import OTHERS
from page_tracker.counting.span import Span
from page_tracker.operations.forks import call_after_fork

# A ranking is kept this long, and at least 9 times as long as it took to make it. So
# this takes at most a tenth of the time.
_KEPT_S = 1.0
_KEPT_PER_MAKING = 9
# The same for the sums of the days before today, as long as the totals of these days
# do not change. A merge of two pages does not change them, and is seen after this time.
_EARLIER_KEPT_S = 60.0
# A page in a ranking takes about 150 bytes, and one in a sum about as many.
_MOST_NAMES = 400_000
# Without names and days, a ranking takes about as much memory as this many names.
_AS_NAMES = 10

# Each name follows its views with so many digits, so that texts sort like numbers.
_DIGITS = 16
# Every 64th name is in a sample, and every 16th of the sample bounds what is sorted at
# once: about 1 000 names, which takes less than a millisecond.
_SAMPLED, _BOUNDED = 64, 16


@dataclass(frozen=True, slots=True)
class Ranked:
    """A part of a ranking."""

    rows: list[tuple[str, int]]
    """Names with their views, the most viewed first."""

    goes_on: bool
    """Whether further rows follow the last one."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """All names with their views, in the order of a ranking."""

    views: int
    """All views of the site on these days."""

    named: int
    """The views of all names together, without the others."""

    others: int
    """The views of what has no name of its own, because of a limit."""

    keys: list[str]
    """The views and the name in one text, in ascending order."""

    @property
    def unknown(self) -> int:
        """The views of neither a name nor the others.

        The views of a deleted page no longer count, but what brought them stays.
        """
        return max(0, self.views - self.named - self.others)

    def part(
        self,
        matches: Callable[[str], bool] | None,
        limit: int,
        after: tuple[str, int] | None,
    ) -> Ranked:
        """Return some of the names that match, after the position of another one.

        Names with the same number of views are in descending order.
        """
        end = len(self.keys)
        if after is not None:
            end = bisect_left(self.keys, _key(*after))
        found = list[tuple[str, int]]()
        for part in with_pauses(range(end - 1, -1, -1)):
            for index in part:
                key = self.keys[index]
                name = key[_DIGITS:]
                if matches is None or matches(name):
                    found.append((name, int(key[:_DIGITS])))
                    if len(found) > limit:
                        return Ranked(found[:limit], True)
        return Ranked(found, False)


class Rankings:
    """The rankings of a worker. Any number of threads or greenlets may use them."""

    def __init__(self, backend: CounterBackend) -> None:
        """Prepare to rank what the backend has counted."""
        self._backend = backend
        self._forget_all()
        # Another thread may have held a lock.
        call_after_fork(self._forget_all)

    def pages(self, site: str, span: Span, today: date) -> Ranking:
        """Return the ranking of the pages of a site. Raises BackendError."""
        return self._find(_Subject("pages", site, span), today)

    def referrers(self, site: str, span: Span | None, today: date) -> Ranking:
        """Return the ranking of the referrers of a site, in a span or of all time.

        Raises BackendError.
        """
        return self._find(_Subject("referrers", site, span), today)

    def _forget_all(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Subject, _Kept] = OrderedDict()

    def _find(self, subject: "_Subject", today: date) -> Ranking:
        with self._lock:
            kept = self._kept.setdefault(subject, _Kept(self._backend, subject))
            self._kept.move_to_end(subject)
        ranking = kept.get(today)
        with self._lock:
            names = sum(each.names for each in self._kept.values())
            while names > _MOST_NAMES and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                names -= dropped.names
        return ranking


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is ranked."""

    kind: Literal["pages", "referrers"]
    site: str
    span: Span | None
    """The days; None for all time."""


@dataclass(slots=True)
class _Known:
    """What is known of the days of a span."""

    today: date | None = None
    earlier: dict[str, int] = field(default_factory=dict)
    """The sums of the days before today."""
    until: float = 0.0
    """When the sums must be made again, by time.monotonic()."""
    totals: list[DayTotal] = field(default_factory=list)
    """The totals of all days. They were read before the sums, so that they differ from
    newer ones if a view has come since."""


class _Kept:
    """A ranking, and what is kept to make it again."""

    def __init__(self, backend: CounterBackend, subject: _Subject) -> None:
        self._backend = backend
        self._subject = subject
        # Found at run time, because gevent may replace it after this module's import.
        self._making = threading.Lock()
        self._ranking: Ranking | None = None
        self._until = 0.0
        self._error: BackendError | None = None
        self._failed_at = 0.0
        self._known = _Known()

    @property
    def names(self) -> int:
        """How many names it keeps. A day, and what is always kept, count as names."""
        ranked = len(self._ranking.keys) if self._ranking else 0
        return len(self._known.earlier) + ranked + len(self._known.totals) + _AS_NAMES

    def get(self, today: date) -> Ranking:
        """Return the ranking, made now if it is too old. Raises BackendError."""
        asked = time.monotonic()
        with self._making:
            if self._error is not None and self._failed_at >= asked:
                # Whoever asked in the meantime does not wait for another failure.
                raise BackendError("the ranking could not be read") from self._error
            begun = time.monotonic()
            is_old = begun >= self._until or today != self._known.today
            if self._ranking is None or is_old:
                try:
                    self._ranking = self._make(today)
                except BackendError as error:
                    self._error, self._failed_at = error, time.monotonic()
                    raise
                self._error = None
                self._until = _end_of(begun, _KEPT_S)
            return self._ranking

    def _make(self, today: date) -> Ranking:
        span, site, known = self._subject.span, self._subject.site, self._known
        if span is None:
            sums = self._backend.referrers(site)
            tally = self._backend.tally(Page(site, FRONT_PAGE.path), today)
            known.today = today
            return _rank(sums, tally.site_views)
        days = span.days
        totals = self._backend.history(site, days)
        is_valid = today == known.today and time.monotonic() < known.until
        if is_valid and totals == known.totals and self._ranking:
            return self._ranking
        earlier = [day for day in days if day < today]
        if not is_valid or totals[: len(earlier)] != known.totals[: len(earlier)]:
            begun = time.monotonic()
            known.earlier = self._read(earlier)
            known.until = _end_of(begun, _EARLIER_KEPT_S)
        sums = dict(known.earlier)
        add_with_pauses(sums, self._read(days[len(earlier) :]))
        known.totals, known.today = totals, today
        if self._subject.kind == "pages":
            ranking = _rank(sums, _sum_of(totals))
            # A view that came while the pages were read is in both numbers or in none.
            return replace(ranking, views=max(ranking.views, ranking.named))
        # Read after the sums, this number has all of their views.
        return _rank(sums, _sum_of(self._backend.history(site, days)))

    def _read(self, days: Sequence[date]) -> dict[str, int]:
        if not days:
            return {}
        if self._subject.kind == "pages":
            return self._backend.page_views(self._subject.site, days)
        return self._backend.referrers(self._subject.site, days)


def _end_of(begun: float, least_s: float) -> float:
    """Return until when something is kept whose making began at this time."""
    now = time.monotonic()
    return now + max(least_s, _KEPT_PER_MAKING * (now - begun))


def _sum_of(totals: Iterable[DayTotal]) -> int:
    return sum(total.views for total in totals)


def _rank(sums: dict[str, int], views: int) -> Ranking:
    others = sums.pop(OTHERS, 0)
    keys, named = list[str](), 0
    for part in with_pauses(sums.items()):
        keys += [_key(*item) for item in part]
        named += sum(number for _, number in part)
    return Ranking(views, named, others, _sorted(keys))


def _sorted(keys: list[str]) -> list[str]:
    """Return texts in ascending order, sorted in short steps."""
    bounds = sorted(keys[::_SAMPLED])[::_BOUNDED]
    between: list[list[str]] = [[] for _ in range(len(bounds) + 1)]
    for part in with_pauses(keys):
        for key in part:
            between[bisect(bounds, key)].append(key)
    return list(_joined(between))


def _joined(parts: Iterable[list[str]]) -> Iterable[str]:
    for part in parts:
        part.sort()
        yield from part
        pause()


def _key(name: str, views: int) -> str:
    return f"{views:0{_DIGITS}}{name}"
