"""Compose a report of what was read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from page_tracker.counting.model import FRONT_PAGE, DayTotal, Ignored
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.counting.readable_paths import readable_path
from page_tracker.reports.content import Referrers, Row, SiteReport
from page_tracker.reports.document import (
    Document,
    Section,
    Table,
    in_thousands,
    shortened,
)
from page_tracker.reports.period import Period

_MOST_QUIET_SITES = 20
_VISITORS = (
    "Visitors: the visitors of each day together. Someone who came on two days counts "
    "twice."
)


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes reports of a period."""

    period: Period
    zone: str
    """The name of the time zone of the days."""

    dashboard: str
    """The URL of the dashboard; empty if it is not known."""

    can_show: Callable[[str], bool]
    """Whether the format has all letters of a text."""

    def compose(self, reports: Sequence[SiteReport], quiet: Sequence[str]) -> Document:
        """Return the report on sites, and on others that had no views."""
        lines = [f"Days begin at midnight in {self.zone}."]
        if any(_has_visitors(report.days) for report in reports):
            lines.append(_VISITORS)
        sections = [self._section(report) for report in reports]
        if quiet:
            sections.append(self._without_views(quiet))
        if not sections:
            lines.insert(0, "No site has any counts yet.")
        return Document(self.period.title, lines, self.dashboard, sections)

    def _without_views(self, sites: Sequence[str]) -> Section:
        names = [self._site(site) for site in sites[:_MOST_QUIET_SITES]]
        if more := len(sites) - len(names):
            names.append(f"{in_thousands(more)} more")
        kind = self.period.kind
        return Section(f"No views in this {kind} and the {kind} before", names)

    def _section(self, report: SiteReport) -> Section:
        return Section(
            self._site(report.site),
            list(self._summary(report)),
            [
                table
                for table in (
                    _table_of_days(report.days),
                    self._table("Page", report.pages, report, self._path),
                    self._table_of_referrers(report.referrers, report),
                )
                if table.rows
            ],
        )

    def _summary(self, report: SiteReport) -> Iterator[str]:
        views = _sum_of_views(report.days)
        before = None if report.before is None else _sum_of_views(report.before)
        yield _compared(views, before, "view", self.period.kind)
        if _has_visitors(report.days):
            then = None
            if report.before and _has_visitors(report.before):
                then = _sum_of_visitors(report.before)
            visitors = _sum_of_visitors(report.days)
            yield _compared(visitors, then, "visitor", self.period.kind)
        if report.first_day and report.first_day > self.period.before.first:
            yield f"First day of the site: {report.first_day}"
        if report.ignored:
            yield _of_ignored(report.ignored)

    def _table_of_referrers(self, referrers: Referrers, report: SiteReport) -> Table:
        if not referrers.named:
            return Table((), ())
        others = Row("Other hosts", referrers.others.views, referrers.others.before)
        unknown = Row(
            "Directly or unknown", referrers.unknown.views, referrers.unknown.before
        )
        further = [row for row in (others, unknown) if row.views]
        rows = [*referrers.named, *further]
        return self._table("Referrer", rows, report, self._host)

    def _table(
        self,
        heading: str,
        rows: Sequence[Row],
        report: SiteReport,
        name_of: Callable[[str], str],
    ) -> Table:
        if report.before is None:
            return Table(
                (heading, "Views"), [(name_of(row.name), [row.views]) for row in rows]
            )
        return Table(
            (heading, "Views", f"{self.period.kind.title()} before"),
            [(name_of(row.name), [row.views, row.before]) for row in rows],
        )

    def _site(self, site: str) -> str:
        return self._host(site) if site else str(FRONT_PAGE)

    def _host(self, host: str) -> str:
        return shortened(self._shown(readable_host(host), host))

    def _path(self, path: str) -> str:
        return shortened(self._shown(readable_path(path), path))

    def _shown(self, readable: str, stored: str) -> str:
        return readable if self.can_show(readable) else stored


def _table_of_days(days: Sequence[DayTotal]) -> Table:
    named = [f"{had.day:%a} {had.day}" for had in days]
    if not _has_visitors(days):
        numbers = [[had.views] for had in days]
        headings = ["Day", "Views"]
    else:
        numbers = [[had.views, had.visitors] for had in days]
        headings = ["Day", "Views", "Visitors"]
    return Table(headings, list(zip(named, numbers, strict=True)), has_bars=True)


def _compared(now: int, before: int | None, noun: str, kind: str) -> str:
    """Return a number, and how it differs from the one before, if that is known."""
    text = _counted(now, noun)
    if before is None:
        return text
    if now == before:
        return f"{text}, as many as in the {kind} before"
    if not before:
        return f"{text}, none in the {kind} before"
    more = "more" if now > before else "fewer"
    change = _percent(abs(now - before), before)
    return f"{text}, {change} {more} than in the {kind} before ({in_thousands(before)})"


def _counted(number: int, noun: str) -> str:
    return f"{in_thousands(number)} {noun if number == 1 else f'{noun}s'}"


def _percent(part: int, whole: int) -> str:
    """Return the share in percent. Only nothing is 0 %."""
    tenths = (2000 * part + whole) // (2 * whole)
    if not tenths:
        return "less than 0.1 %"
    return f"{in_thousands(tenths // 10)}.{tenths % 10} %"


def _of_ignored(ignored: Mapping[Ignored, int]) -> str:
    views = sum(ignored.values())
    reasons = ", ".join(
        f"{reason.value} {in_thousands(number)}" for reason, number in ignored.items()
    )
    return f"Ignored: {_counted(views, 'view')} ({reasons})"


def _sum_of_views(days: Sequence[DayTotal]) -> int:
    return sum(had.views for had in days)


def _sum_of_visitors(days: Sequence[DayTotal]) -> int:
    return sum(had.visitors for had in days)


def _has_visitors(days: Sequence[DayTotal]) -> bool:
    return any(had.visitors for had in days)
