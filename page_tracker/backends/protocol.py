"""The protocol that every backend implements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, Self

from page_tracker.backends.shares import Shares
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Ignored,
    Numbers,
    Page,
    PageViews,
    Ranking,
    SiteImport,
    SiteTotal,
    Tally,
    View,
)


class BackendError(Exception):
    """The backend failed. The text contains no URL, and the cause is chained.

    If recording a view raises this error, the view is counted once or not at all.
    """


class BackendOverloadedError(BackendError):
    """The backend has too many requests at once. The view is not counted."""


class LimitReachedError(BackendError):
    """The limit on pages or sites is reached. The view is not counted.

    The text names the variable that sets the limit.
    """

    @classmethod
    def of_pages(cls, site: str, most: int) -> Self:
        """Return the error for another page of a site."""
        return cls(
            f"PAGE_TRACKER_MAX_PAGES={most} allows no more pages of "
            f"{site or 'this site'}; its known pages are still counted"
        )

    @classmethod
    def of_sites(cls, most: int) -> Self:
        """Return the error for another site."""
        return cls(
            f"PAGE_TRACKER_MAX_SITES={most} allows no more sites; known sites are "
            "still counted"
        )


class TooFewViewsError(BackendError):
    """Fewer views are counted than are to be taken out. Nothing changes."""

    @classmethod
    def of(cls, page: Page, views: int, day: date | None) -> Self:
        """Return the error for a page with so many views, in total or on a day."""
        on_day = f" on {day}" if day else ""
        return cls(f"{page} has {views} views{on_day}; allowed: at most that many")


class ImportEndedError(BackendError):
    """An import was ended by a change of the site's counts, or by another import."""

    def __init__(self, site: str) -> None:
        super().__init__(
            f"the import of {site or 'the front page'} was ended by a change of its "
            "counts, or by another import; import it again"
        )


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a storage that can store views."""

    warnings: tuple[str, ...] = ()
    """One text for each way in which counts may be lost."""

    details: Mapping[str, str | int | float] = field(default_factory=dict)
    """What is known about the storage, by name."""


class CounterBackend(Protocol):
    """Stores counts. Any number of threads or greenlets may use it at once."""

    kind: str
    """One word for the storage: sqlite, redis or memory."""

    shared: bool
    """Whether processes that use this storage see each other's views."""

    @property
    def shares(self) -> Shares:
        """The links by which the owner shows sites to others."""

    def record(self, view: View) -> Tally:
        """Count one view, and return the tally right after it.

        The numbers of a site's views have no duplicates and no gaps. An ignored view
        does not change them, and gets the current tally. It is counted under its
        reason, but only if its site is known. Raises BackendError and its subclasses
        BackendOverloadedError and LimitReachedError.
        """

    def record_batch(self, views: Sequence[View], *, name: str, today: date) -> None:
        """Count all these views, or none, once for each name in 48 hours.

        The days must be within the retention, and not after today. Each view counts:
        none is a repeat. If Redis or the process fails in between, views of several
        sites or days may count one site and day after another: the same batch again,
        or a later check(), counts what is left. Raises BackendError and its subclass
        LimitReachedError, before any view is counted.
        """

    def tallies(self, pages: Sequence[Page], day: date) -> list[Tally]:
        """Return the current tallies of at most 100 pages, in their order.

        Raises BackendError.
        """

    def tally(self, page: Page, day: date) -> Tally:
        """Return the current tally; all zeros if nothing has been recorded.

        Counts nothing. Raises BackendError.
        """

    def check(self) -> Health:
        """Return the health of the storage.

        Takes at most 1 s. Raises BackendError if views cannot be stored.
        """

    def sites(self, today: date, only: str | None = None) -> list[SiteTotal]:
        """Return all known sites, the most viewed first, or only one if it is known.

        They include the tracker's own site if it has views. Raises BackendError.
        """

    def pages(
        self,
        site: str,
        *,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages of a site, of all time.

        The search finds pages whose path contains this text, ignoring case. With
        `after`, the ranking begins after the current position of that page. Raises
        BackendError.
        """

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return the totals of a site on each of these days. Raises BackendError."""

    def page_history(self, page: Page, days: Sequence[date]) -> list[int]:
        """Return the views of a page on each of these days. Raises BackendError."""

    def page_views(self, site: str, days: Sequence[date]) -> dict[str, int]:
        """Return the views of each page of a site on these days together, by path.

        Pages without views are not among them. The reading goes on in short steps,
        between which views are counted: a view that comes meanwhile is among them or
        not. Raises BackendError.
        """

    def referrers(
        self, site: str, days: Sequence[date] | None = None
    ) -> dict[str, int]:
        """Return how many views each referrer brought, of all time or on these days.

        The views of referrers beyond the limit are those of OTHERS. Views of unknown
        referrers are not among them. Raises BackendError.
        """

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return how many views of a site were ignored on these days, by reason.

        Raises BackendError.
        """

    def set_views(self, page: Page, views: int, *, change: str | None = None) -> int:
        """Set the total views of a page, and return their number before.

        The total of its site changes by the difference. The views of single days do
        not change. A change with the same name is made once in 48 hours: the next ones
        return the result of the first. Raises BackendError and its subclass
        LimitReachedError.
        """

    def add_views(
        self,
        page: Page,
        views: int,
        *,
        day: date | None = None,
        change: str | None = None,
    ) -> Numbers:
        """Add views to a page and to its site, and return the numbers before.

        A negative number takes views out. With a day, which must be within the
        retention, the views of that day change, too. Visitors and referrers do not
        change. A change with the same name is made once in 48 hours: the next ones
        return the result of the first. Raises BackendError and its subclasses
        LimitReachedError and TooFewViewsError.
        """

    def delete_page(self, page: Page, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a page, and return how many views it had.

        The views of its site decrease by the same numbers, in total and on each day.
        A change with the same name is made once in 48 hours: the next ones return the
        result of the first. Raises BackendError.
        """

    def delete_site(self, site: str, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a site, and return how many views it had.

        A change with the same name is made once in 48 hours: the next ones return the
        result of the first. Raises BackendError.
        """

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        """Keep a text under a name for 48 hours, and return the text that is kept.

        That is an earlier one, if there is one that is not to be replaced. Raises
        BackendError.
        """

    def merge_pages(self, site: str, into: Mapping[str, str], today: date) -> None:
        """Add the counts of pages of a site to those of other pages of the site.

        The mapping has the paths of the former as keys, and those of the latter as
        values. No path may be both: ValueError. The counts of the site do not change.
        The merge goes on page by page, while views are counted. If it fails in
        between, the same merge again moves what is left. The limits do not apply.
        Ends a running import into the site. Raises BackendError.
        """

    def merge_sites(self, site: str, into: str, today: date) -> None:
        """Add all counts of a site to those of another one, and forget the site.

        Pages keep their paths. The visitors of a day are added: nobody knows who of
        them viewed both sites. The merge goes on in slices, while views are counted. A
        view is in the counts of one of the sites, or for a moment in none. If the merge
        fails in between, the same merge again moves what is left. The limits do not
        apply. Ends a running import into either site. The tracker's own site has one
        page only, so it can be neither: ValueError. Raises BackendError.
        """

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield the total views of each page of a site, then the views of each day.

        The totals are a snapshot of one moment, and so is each day, even while views
        are counted. Raises BackendError.
        """

    def first_day(self, site: str, today: date) -> date | None:
        """Return the first day on which a site had views; None if it is not known.

        Raises BackendError.
        """

    def imports(self, site: str) -> dict[str, tuple[date, date] | None]:
        """Return the names of the imports of a site, with their first and last days.

        Raises BackendError.
        """

    def import_counts(
        self, sites: Mapping[str, SiteImport], *, replace: bool, today: date
    ) -> set[str]:
        """Import the counts of sites: all counts of a site or, if that fails, none.

        Without replace, they are added to the stored counts, except for sites that have
        taken in an import with the same name. With replace, they replace the totals of
        their pages and, if the source has views of single days, also the views of these
        pages on all days. Visitors and ignored views of a day are added or replaced
        likewise. Returns the names of the sites that have changed.

        Readers see the old counts of a site until they see the new ones, and views are
        counted meanwhile. Some sites may change before others; if the import fails in
        between, the same import again adds those that are missing. Counts of days
        before the retention must not be among them.

        Referrers are added at the end, in steps between which views are counted. With
        replace, their counts replace those of the same referrers, of all time and on
        all days. Referrers beyond the limit are added to OTHERS. If this fails in
        between, the same import again adds those that are missing.

        Raises BackendError and its subclass LimitReachedError, before anything is
        stored if a limit does not allow the import.
        """
