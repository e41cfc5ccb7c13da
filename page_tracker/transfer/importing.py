"""Turns the content of files into imports of sites, and finds what would be doubled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.model import Count, SiteImport
from page_tracker.counting.span import oldest_kept_day
from page_tracker.operations.terminal import readable
from page_tracker.transfer.content import Content, SiteFacts
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.opening import Progress
from page_tracker.transfer.sorted_counts import SiteCounts

_RANGES_SHOWN = 3
_STEP = 1000

# The names of the imports of a site, with their first and last days.
_Imports = Mapping[str, tuple[date, date] | None]


@dataclass(frozen=True, slots=True)
class _Counts:
    """The counts to import, which can be iterated several times."""

    counts: SiteCounts
    since: date
    progress: Progress

    def __iter__(self) -> Iterator[Count]:
        for number, count in enumerate(self.counts.counts(self.since)):
            if number % _STEP == 0:
                self.progress(_STEP)
            yield count


def site_imports(
    content: Content, today: date, progress: Progress
) -> dict[str, SiteImport]:
    """Return the import of each site.

    The progress is told how many counts have been used. Raises OSError.
    """
    imports = {}
    for site, (counts, facts) in content.by_site().items():
        kept = _Counts(counts, oldest_kept_day(today), progress)
        imports[site] = _site_import(kept, facts, today, content.daily)
    return imports


def _site_import(
    kept: _Counts, facts: SiteFacts, today: date, daily: bool
) -> SiteImport:
    counts, since = kept.counts, kept.since
    days = _days_of(counts, facts, today)
    return SiteImport(
        name=_digest(counts, facts),
        counts=kept,
        pages=counts.pages,
        daily=daily,
        days=days,
        visitors={day: n for day, n in facts.visitors.items() if day >= since},
        ignored={key: n for key, n in facts.ignored.items() if key[0] >= since},
        first_day=days[0] if days else None,
        referrers={
            name: _kept_views(views, since) for name, views in facts.referrers.items()
        },
    )


def _kept_views(
    views: Mapping[date | None, int], since: date
) -> Mapping[date | None, int]:
    """Return the views of a referrer of all time, and on the days that are kept."""
    of_days = {day: n for day, n in views.items() if day and day >= since and n}
    # If views came while they were exported, those of days may be more.
    return {None: max(views[None], sum(of_days.values()))} | of_days


def _days_of(
    counts: SiteCounts, facts: SiteFacts, today: date
) -> tuple[date, date] | None:
    days = [*counts.days, *(_span_of(facts, today) or ())]
    if first_day := facts.first_day:
        # The totals of an export contain all its days that are not kept.
        days += [first_day, max(first_day, oldest_kept_day(today) - timedelta(days=1))]
    return (min(days), max(days)) if days else None


def _span_of(facts: SiteFacts, today: date) -> tuple[date, date] | None:
    """Return the days of views that do not say their day, up to tomorrow.

    The report of a year that is not over yet names all its days.
    """
    tomorrow = today + timedelta(days=1)
    if facts.span is None or facts.span[0] > tomorrow:
        return None
    return facts.span[0], min(facts.span[1], tomorrow)


def _digest(counts: SiteCounts, facts: SiteFacts) -> str:
    """Return a hash of the content, whatever the order and the form of the files."""
    digest = counts.digest.copy()
    others = (sorted(facts.visitors.items()), sorted(facts.ignored.items()))
    digest.update(f"{others} {facts.first_day} {facts.span}".encode())
    for name, views in sorted(facts.referrers.items()):
        digest.update(f"\n{name} {sorted(views.items(), key=str)}".encode())
    return digest.hexdigest()


def check_for_doubles(backend: CounterBackend, content: Content, today: date) -> None:
    """Check that nothing would be counted twice. Raises FileError and BackendError.

    Views of a day are new if the site has none on that day, and if no earlier import
    was about it. Views without a day are new only if the site has none at all. What has
    been imported before is not counted again anyway.
    """
    known = {total.site for total in backend.sites(today) if total.views}
    for site, (counts, facts) in content.by_site().items():
        name = readable(site)
        imports = backend.imports(site)
        if _digest(counts, facts) in imports:
            continue
        if facts.has_undated:
            if site in known:
                raise FileError(
                    f"{name} already has counts; allowed: --add, to add those in the "
                    "file to them, or --replace, to replace those of the pages in the "
                    "file"
                )
        elif days := _doubles(backend, counts, facts, imports, today):
            text = f"{name} already has counts of {_describe(days)}; allowed:"
            if not counts.days:
                raise FileError(f"{text} --add, to add the counts nevertheless")
            raise FileError(
                f"{text} --from DAY and --until DAY, to import other days only, or "
                "--add, to add the counts nevertheless; if files share a day, import "
                "them together"
            )


def _doubles(
    backend: CounterBackend,
    counts: SiteCounts,
    facts: SiteFacts,
    imports: _Imports,
    today: date,
) -> list[date]:
    """Return the days that come and that the site already has, in their order."""
    first_day = backend.first_day(counts.site, today)
    days, known = set(counts.days), _known_spans(imports, first_day, today)
    if span := _span_of(facts, today):
        first, last = span
        days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    oldest = oldest_kept_day(today)
    kept = sorted(day for day in days | facts.visitors.keys() if day >= oldest)
    counted = {
        total.day
        for total in backend.history(counts.site, kept)
        if total.views
        and total.day in days
        or total.visitors
        and facts.visitors[total.day]
    }
    known_days = {d for d in days if any(first <= d <= last for first, last in known)}
    return sorted(counted | known_days)


def _known_spans(
    imports: _Imports, first_day: date | None, today: date
) -> list[tuple[date, date]]:
    """Return the days that the site has views of, even if it has not kept the days.

    These are the days of its imports and, if it has counted for longer than days are
    kept, those before.
    """
    spans = [span for span in imports.values() if span]
    if first_day and all(first_day < first for first, _ in spans):
        spans.append((first_day, oldest_kept_day(today) - timedelta(days=1)))
    return spans


def _describe(days: Iterable[date]) -> str:
    """Return days as text, such as 2026-11-20 to 2026-11-23."""
    ranges: list[list[date]] = []
    for day in days:
        if ranges and ranges[-1][-1] == day - timedelta(days=1):
            ranges[-1][1:] = [day]
        else:
            ranges.append([day])
    texts = [" to ".join(map(str, each)) for each in ranges[:_RANGES_SHOWN]]
    if len(ranges) > _RANGES_SHOWN:
        texts.append(f"and {len(ranges) - _RANGES_SHOWN} more")
    return ", ".join(texts)
