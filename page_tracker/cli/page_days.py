"""The views of a page by day, as bars in a terminal and in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.model import Page, Tally
from page_tracker.counting.span import Span
from page_tracker.operations.terminal import bar_of, columns, plural, readable

_TODAY = " today"
_SPACE = "  "


@dataclass(frozen=True, slots=True)
class PageDays:
    """The views of a page on each of the last days."""

    views: dict[date, int]
    """The views on each day, the oldest first. The last day is today."""

    site_views: int
    """The views of the site on these days together."""

    first_day: date | None
    """The first day on which the site had views; None if it is not known."""

    @classmethod
    def read(cls, backend: CounterBackend, page: Page, today: date, days: int) -> Self:
        """Read the views on this many days. Raises BackendError."""
        dates = Span.until(today, days).days
        # The site is read later, so that no view is in the page alone.
        views = dict(zip(dates, backend.page_history(page, dates), strict=True))
        site_views = sum(had.views for had in backend.history(page.site, dates))
        return cls(views, site_views, backend.first_day(page.site, today))

    def as_json(self) -> dict[str, Any]:
        """Return the views of each day as an object for JSON."""
        return {
            "days": [
                {"day": day.isoformat(), "views": views}
                for day, views in self.views.items()
            ]
        }

    def lines(self, page: Page, tally: Tally) -> Iterator[str]:
        """Yield a summary, and then the days as bars, if any has views.

        The days before the first views of the site are left out.
        """
        number, views = len(self.views), sum(self.views.values())
        yield readable(page)
        yield f"All time: {_with_share(tally.page_views, tally.site_views)}"
        label = "Today" if number == 1 else f"Last {number} days"
        yield f"{label}: {_with_share(views, self.site_views)}"
        if views:
            best = max(self.views, key=lambda day: self.views[day])
            yield f"Best day: {best}, with {plural(self.views[best], 'view')}"
            yield from self._bars(self.views[best])

    def _bars(self, greatest: int) -> Iterator[str]:
        begin, today = min(self.views), max(self.views)
        if self.first_day and self.first_day > begin:
            yield f"First day of the site: {self.first_day}"
            begin = min(self.first_day, *(day for day in self.views if self.views[day]))
        yield ""
        width = len(str(greatest))
        for day, views in self.views.items():
            if day >= begin:
                mark = _TODAY if day == today else " " * len(_TODAY)
                row = f"{day}{mark}{_SPACE}{views:>{width}}{_SPACE}"
                # A line as wide as the terminal would break on some of them.
                left = columns() - len(row) - 1
                yield f"{row}{bar_of(views, greatest, left)}".rstrip()


def _with_share(views: int, of_site: int) -> str:
    if not views:
        return "no views"
    return f"{plural(views, 'view')}, {_percent(views, of_site)} of the site's views"


def _percent(part: int, whole: int) -> str:
    """Return the share in percent. Only all is 100 %, and only nothing is 0 %."""
    if part >= whole:
        return "100 %"
    tenths = (2000 * part + whole) // (2 * whole)
    if tenths == 0:
        return "less than 0.1 %"
    if tenths == 1000:
        return "more than 99.9 %"
    return f"{tenths // 10}.{tenths % 10} %"
