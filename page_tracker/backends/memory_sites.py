"""The counts of a site in memory, and how an import changes them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from page_tracker.backends.protocol import TooFewViewsError
from page_tracker.backends.referrer_parts import Part
from page_tracker.counting.model import (
    RETENTION_DAYS,
    Count,
    Ignored,
    Numbers,
    Page,
    PageViews,
    SiteImport,
    SiteTotal,
    View,
)
from page_tracker.counting.referrers import OTHERS

_COUNTS_AT_ONCE = 1_000


@dataclass(slots=True)
class Day:
    """The counts of a day."""

    pages: Counter[str] = field(default_factory=Counter)
    visitors: set[bytes] = field(default_factory=set)
    # Visitors of whom only the number is known.
    more_visitors: int = 0
    ignored: Counter[Ignored] = field(default_factory=Counter)
    referrers: Counter[str] = field(default_factory=Counter)

    def count_visitors(self) -> int:
        """Return the number of visitors."""
        return len(self.visitors) + self.more_visitors


@dataclass(slots=True)
class Site:
    """The counts of a site."""

    views: int = 0
    pages: Counter[str] = field(default_factory=Counter)
    days: dict[date, Day] = field(default_factory=dict)
    imports: dict[str, tuple[date, date] | None] = field(default_factory=dict)
    first_day: date | None = None
    referrers: Counter[str] = field(default_factory=Counter)


def get_or_add_day(site: Site, day: date) -> Day:
    """Return a day of a site, added if new. Adding it removes days that are too old."""
    if day not in site.days:
        oldest = day - timedelta(days=RETENTION_DAYS)
        site.days = {d: kept for d, kept in site.days.items() if d > oldest}
        site.days[day] = Day()
    return site.days[day]


def count_view(
    site: Site, view: View, visitor: bytes | None, most_referrers: int
) -> None:
    """Count a view, its visitor, and its referrer, as the limit allows."""
    page, day, referrer = view.page, view.day, view.referrer
    if not site.views:
        site.first_day = min(site.first_day or day, day)
    site.views += 1
    site.pages[page.path] += 1
    of_day = get_or_add_day(site, day)
    of_day.pages[page.path] += 1
    if visitor is not None:
        of_day.visitors.add(visitor)
    if referrer is not None:
        if referrer not in site.referrers and _is_full(site, most_referrers):
            referrer = OTHERS
        site.referrers[referrer] += 1
        of_day.referrers[referrer] += 1


def set_views(site: Site, path: str, views: int) -> int:
    """Set the total views of a page, and return their number before."""
    before = site.pages[path]
    site.views += views - before
    site.pages[path] = views
    return before


def add_views(site: Site, page: Page, views: int, day: date | None) -> Numbers:
    """Add views to a page, and return the numbers before. Raises TooFewViewsError."""
    of_day = site.days.get(day, Day()) if day else Day()
    on_page, page_on_day = site.pages[page.path], of_day.pages[page.path]
    before = Numbers(on_page, site.views)
    if on_page + views < 0:
        raise TooFewViewsError.of(page, on_page, None)
    if day:
        if page_on_day + views < 0:
            raise TooFewViewsError.of(page, page_on_day, day)
        before = Numbers(on_page, site.views, page_on_day, of_day.pages.total())
        if views > 0 and (site.first_day or not site.views):
            site.first_day = min(site.first_day or day, day)
        of_day = get_or_add_day(site, day)
        of_day.pages[page.path] += views
        if not of_day.pages[page.path]:
            del of_day.pages[page.path]
    site.pages[page.path] += views
    site.views += views
    return before


def delete_page(site: Site, path: str) -> int:
    """Delete the counts of a page, and return its views."""
    for day in site.days.values():
        day.pages.pop(path, None)
    views = site.pages.pop(path, 0)
    site.views -= views
    return views


def _is_full(site: Site, most_referrers: int) -> bool:
    """Return whether a site has as many referrers as it may, without the others."""
    return len(site.referrers) - (OTHERS in site.referrers) >= most_referrers


def total(name: str, site: Site, today: date) -> SiteTotal:
    """Return the totals of a site."""
    day = site.days.get(today, Day())
    return SiteTotal(
        name,
        site.views,
        len(site.pages),
        day.pages.total(),
        day.count_visitors(),
    )


def ranked(
    site: str, pages: Mapping[str, int], search: str, after: PageViews | None
) -> Iterator[PageViews]:
    """Yield the pages that a search finds after a position, the most viewed first."""
    for views, path in sorted(
        ((views, path) for path, views in pages.items()), reverse=True
    ):
        if search.lower() in path.lower() and (
            after is None or (views, path) < (after.views, after.page.path)
        ):
            yield PageViews(Page(site, path), views)


def start_copy(site: Site) -> Site:
    """Return a copy without the counts of pages and days."""
    return Site(
        site.views,
        imports=dict(site.imports),
        first_day=site.first_day,
        referrers=Counter(site.referrers),
    )


def copy_pages(site: Site) -> list[tuple[date | None, Counter[str]]]:
    """Return copies of the views of pages: of all time, and then of each day."""
    of_days = sorted((day, Counter(of_day.pages)) for day, of_day in site.days.items())
    return [(None, Counter(site.pages)), *of_days]


def copy_day(day: Day) -> Day:
    """Return a copy of the counts of a day."""
    return Day(
        Counter(day.pages),
        set(day.visitors),
        day.more_visitors,
        Counter(day.ignored),
        Counter(day.referrers),
    )


def parts(counts: Iterable[Count]) -> Iterator[list[Count]]:
    """Yield the counts in lists that are short enough to let views wait."""
    rest = iter(counts)
    while part := list(islice(rest, _COUNTS_AT_ONCE)):
        yield part


def remove_replaced(site: Site, counts: Iterable[Count], daily: bool) -> None:
    """Remove the counts of pages for which new totals come, perhaps also by day."""
    for count in counts:
        site.views -= site.pages.pop(count.page.path, 0)
        for of_day in site.days.values() if daily else ():
            of_day.pages.pop(count.page.path, None)


def add_counts(site: Site, counts: Iterable[Count]) -> None:
    """Add counts to a site."""
    for count in counts:
        path = count.page.path
        if count.day is None:
            site.views += count.views
            site.pages[path] += count.views
        else:
            get_or_add_day(site, count.day).pages[path] += count.views


def add_referrers(site: Site, part: Part, most: int, replace: bool) -> None:
    """Add or replace some referrers of an import, as the limit allows."""
    for name, counts in part.counts.items():
        is_known = name in site.referrers
        if replace:
            site.referrers.pop(name, None)
            for of_day in site.days.values():
                of_day.referrers.pop(name, None)
        if not is_known and _is_full(site, most):
            name = OTHERS
        for day, views in counts.items():
            changed = get_or_add_day(site, day) if day else site
            changed.referrers[name] += views


def add_facts(site: Site, added: SiteImport, replace: bool) -> None:
    """Add or replace visitors and ignored views, and add the name of an import."""
    for day, visitors in added.visitors.items():
        of_day = get_or_add_day(site, day)
        of_day.more_visitors += visitors
        if replace:
            of_day.more_visitors = visitors - len(of_day.visitors)
    for (day, reason), views in added.ignored.items():
        ignored = get_or_add_day(site, day).ignored
        ignored[reason] = views + (0 if replace else ignored[reason])
    site.imports[added.name] = added.days
    site.first_day = min(filter(None, [site.first_day, added.first_day]), default=None)


def merge_page(site: Site, path: str, into: str) -> None:
    """Add the counts of a page to those of another page of the site."""
    for pages in (site.pages, *(day.pages for day in site.days.values())):
        if path in pages:
            pages[into] += pages.pop(path)


def merge_site(site: Site, into: Site) -> None:
    """Add the counts of a site to those of another one."""
    into.views += site.views
    into.pages.update(site.pages)
    into.referrers.update(site.referrers)
    for day, counts in site.days.items():
        merged = into.days.setdefault(day, Day())
        merged.pages.update(counts.pages)
        merged.visitors |= counts.visitors
        merged.more_visitors += counts.more_visitors
        merged.ignored.update(counts.ignored)
        merged.referrers.update(counts.referrers)
    into.imports = site.imports | into.imports
    first_days = filter(None, [site.first_day, into.first_day])
    into.first_day = min(first_days, default=None)
