"""What a report says of a site: its numbers, and those of the period before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.model import DayTotal, Ignored
from page_tracker.counting.span import Span
from page_tracker.reports.period import Period
from page_tracker.web.rankings import Ranking, Rankings

_MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """The views of a page or of a referrer."""

    name: str
    """A path, or the host of a referrer."""

    views: int
    before: int
    """The views in the period before."""


@dataclass(frozen=True, slots=True)
class Referrers:
    """Where the views came from."""

    named: Sequence[Row]
    """The hosts that brought most views, the first one most."""

    others: Row
    """The hosts beyond the limit of the tracker."""

    unknown: Row
    """Views that came from nowhere, or nobody knows from where."""


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a report says of one site."""

    site: str
    days: Sequence[DayTotal]
    """The totals of each day, the oldest first."""

    before: Sequence[DayTotal] | None
    """Those of the period before; None unless all its days could have had views."""

    first_day: date | None
    """The first day on which the site had views; None if it is not known."""

    pages: Sequence[Row]
    """The most viewed pages."""

    referrers: Referrers
    ignored: Mapping[Ignored, int]
    """How many views were not counted, by reason."""


def read_site(
    backend: CounterBackend, site: str, period: Period, today: date
) -> SiteReport | None:
    """Return what a report says of a site; None if neither period has views.

    Raises BackendError.
    """
    before = backend.history(site, period.before.days)
    days = backend.history(site, period.span.days)
    if not any(had.views for had in (*before, *days)):
        return None
    first = backend.first_day(site, today)
    rankings = Rankings(backend)
    spans = (period.span, period.before)
    pages = [rankings.pages(site, span, today) for span in spans]
    referrers = [rankings.referrers(site, span, today) for span in spans]
    return SiteReport(
        site,
        days,
        before if first and first <= period.before.first else None,
        first,
        _most(*pages),
        _referrers(*referrers),
        _ignored(backend, site, period.span),
    )


def _most(now: Ranking, before: Ranking) -> list[Row]:
    earlier = dict(before.part(None, len(before.keys), None).rows)
    most = now.part(None, _MOST_ROWS, None).rows
    return [Row(name, views, earlier.get(name, 0)) for name, views in most]


def _referrers(now: Ranking, before: Ranking) -> Referrers:
    return Referrers(
        _most(now, before),
        Row("", now.others, before.others),
        Row("", now.unknown, before.unknown),
    )


def _ignored(backend: CounterBackend, site: str, span: Span) -> dict[Ignored, int]:
    by_reason = backend.ignored(site, span.days)
    return {reason: by_reason[reason] for reason in Ignored if by_reason.get(reason)}
