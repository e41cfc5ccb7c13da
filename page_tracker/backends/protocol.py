"""What every backend does: the contract between the tracker and its counters."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, Self

from page_tracker.counting.ignored_views import Ignored
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
    Tally,
    View,
)


class BackendError(Exception):
    """The backend cannot answer; the reason is chained. Its text holds no URL.

    A view whose recording ends in this error is counted once or not at all.
    """


class BackendOverloadedError(BackendError):
    """More is asked at once than the backend can take. The view is not counted."""


class LimitReachedError(BackendError):
    """There are as many pages or sites as may be. The view is not counted.

    Its text names the limit, and how to raise it.
    """

    @classmethod
    def of_pages(cls, site: str, most: int) -> Self:
        """Refuse another page of a site."""
        return cls(
            f"PAGE_TRACKER_MAX_PAGES allows for no more than {most} pages, and "
            f"{site or 'this site'} has as many; these go on being counted"
        )

    @classmethod
    def of_sites(cls, most: int) -> Self:
        """Refuse another site."""
        return cls(
            f"PAGE_TRACKER_MAX_SITES allows for no more than {most} sites, and there "
            "are as many; these go on being counted"
        )


class CounterBackend(Protocol):
    """Where counts live. Safe to use from any number of threads or greenlets."""

    kind: str
    """What the counts are kept in, in a word: redis or memory."""

    shared: bool
    """Whether all processes that count in this place see one another's views."""

    def record(self, view: View) -> Tally:
        """Count one view and return the tally right after it.

        No two views of a site get the same number, and none is left out. A view that
        is ignored changes no number, is tallied by its reason if its site is known,
        and gets the numbers as they stand.
        Raises BackendError, also BackendOverloadedError and LimitReachedError.
        """

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands, zeros if nothing was ever recorded.

        Counts nothing. Raises BackendError.
        """

    def check(self) -> list[str]:
        """Return within 1 s if able to serve: a line for each way to lose counts.

        Raises BackendError.
        """

    def sites(self, today: date) -> list[SiteTotal]:
        """Return all sites that are known, the most viewed first.

        The tracker's own is one of them if it has views. Raises BackendError.
        """

    def pages(
        self,
        site: str,
        *,
        day: date | None = None,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages of a site, of all time or of one day.

        Only those that have the text in their path, whatever its case; and those that
        come after this one in the ranking as it is now. Raises BackendError.
        """

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return what a site had on each of these days. Raises BackendError."""

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return how many views of a site were ignored on these days, by reason.

        Raises BackendError.
        """

    def set_views(self, page: Page, views: int) -> int:
        """Let a page have so many views of all time; return how many it had.

        Those of its site change by as much, and those of single days do not. Raises
        BackendError, also LimitReachedError.
        """

    def delete_page(self, page: Page, today: date) -> int:
        """Forget a page, also on each day; return how many views it had.

        Those of its site, in all and on each day, change by as much. Raises
        BackendError.
        """

    def delete_site(self, site: str, today: date) -> int:
        """Forget all of a site; return how many views it had. Raises BackendError."""

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield the views of each page of a site, and then those of each day, by days.

        Each list is as of one moment, while counting goes on. Raises BackendError.
        """

    def add_counts(
        self, counts: Iterable[Count], *, name: str, replace: bool, today: date
    ) -> bool:
        """Add counts to what there is, all or, if that fails, none of them.

        With replace, the pages that come have just the views that come with them, and
        if any count is of a day, also on each day. Counts of one page and day, or of
        one page in all, are summed. Without replace, counts by a name that a site has
        taken in before are not added to it again: returns whether any were.

        Raises BackendError, also LimitReachedError.
        """


Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and how it is. Its texts hold no secrets."""

    check: str
    """What was looked at, in a word or two."""

    level: Level
    """ok; warning: counts may be lost or hard to read; error: no views are counted."""

    text: str
    """How it is."""

    advice: str = ""
    """What to change; empty if nothing has to be."""
