"""The SQLite backend: each method of the protocol."""

# The protocol passes today's date for the names of keys in Redis.
# pylint: disable=unused-argument

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from weakref import finalize

from page_tracker.backends.group_commit import check_deadline
from page_tracker.backends.merging import check_pages, check_sites
from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.sqlite import (
    changing,
    exporting,
    importing,
    merging,
    reading,
    summing,
)
from page_tracker.backends.sqlite.batches import record_batch
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.expiry import remove_expired
from page_tracker.backends.sqlite.health import SqliteHealth
from page_tracker.backends.sqlite.housekeeping import Housekeeper
from page_tracker.backends.sqlite.queues import Queues
from page_tracker.backends.sqlite.reading import TallyRequest
from page_tracker.backends.sqlite.shares import SqliteShares
from page_tracker.counting.model import (
    Count,
    DayTotal,
    Ignored,
    Limits,
    Numbers,
    Page,
    PageViews,
    Ranking,
    SiteImport,
    SiteTotal,
    Tally,
    View,
)
from page_tracker.operations.forks import call_after_fork
from page_tracker.operations.metrics import Metrics


class SqliteBackend:
    """Counts in a file, which all processes of one machine share.

    A view is on the disk before its number is returned, and no two views of a site get
    the same number: one transaction counts the views of a batch and reads their
    numbers.
    """

    kind = "sqlite"
    shared = True

    def __init__(
        self,
        path: Path,
        *,
        deadline_s: float = 2.0,
        limits: Limits = Limits(),
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare to count in this file. Opens it when first used.

        A request fails if the disk does not answer it within deadline_s seconds, or
        within 60 s if it changes counts. Raises ValueError.
        """
        check_deadline(deadline_s)
        self._path = path.absolute()
        self._deadline_s = deadline_s
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._create_parts()
        # Threads do not survive a fork, so the child process needs its own queues.
        call_after_fork(self._create_parts)

    def _create_parts(self) -> None:
        self._health = SqliteHealth(self._path)
        self._queues = Queues(
            self._path,
            self._health,
            deadline_s=self._deadline_s,
            limits=self._limits,
            metrics=self._metrics,
        )
        self.shares = SqliteShares(self._queues.reading, self._queues.changing)
        self._housekeeper = Housekeeper(self._path, self._health.found_damage)
        finalize(self, self._housekeeper.stop)

    def record(self, view: View) -> Tally:
        """Count one view, in one transaction with views that arrive at the same time.

        Raises BackendError and its subclasses.
        """
        self._housekeeper.start()
        tally = self._queues.counting.call(view)
        if tally.ignored is not None:
            self._metrics.ignored(tally.ignored)
        return tally

    def record_batch(self, views: Sequence[View], *, name: str, today: date) -> None:
        """Count all views, or none. Raises BackendError, LimitReachedError."""
        self._housekeeper.start()
        record = partial(record_batch, views=views, limits=self._limits)
        self._change(f"batch:{name}", record)

    def tallies(self, pages: Sequence[Page], day: date) -> list[Tally]:
        """Return the current tallies, in the order of pages. Raises BackendError."""
        queue = self._queues.tallying
        pendings = [queue.submit(TallyRequest(page, day)) for page in pages]
        return [queue.result(pending) for pending in pendings]

    def tally(self, page: Page, day: date) -> Tally:
        """Return the current tally. Raises BackendError."""
        self._housekeeper.start()
        return self._queues.tallying.call(TallyRequest(page, day))

    def check(self) -> Health:
        """Return the health of the file. The result is at most 0.5 s old.

        Raises BackendError if views cannot be stored.
        """
        self._housekeeper.start()
        return self._health.check()

    def sites(self, today: date, only: str | None = None) -> list[SiteTotal]:
        """Return all sites, the most viewed first, or one. Raises BackendError."""
        totals: list[SiteTotal] = self._queues.reading.call(
            partial(reading.sites, today=today, only=only)
        )
        return totals

    def pages(  # pylint: disable=too-many-arguments  # most are keyword-only
        self,
        site: str,
        *,
        search: str = "",
        limit: int = 50,
        after: PageViews | None = None,
    ) -> Ranking:
        """Return the most viewed pages. Raises BackendError."""
        query = partial(
            reading.ranking,
            site=site,
            search=search,
            limit=limit,
            after=after,
        )
        found: Ranking = self._queues.reading.call(query)
        return found

    def history(self, site: str, days: Sequence[date]) -> list[DayTotal]:
        """Return the totals of a site on each day. Raises BackendError."""
        query = partial(reading.history, site=site, days=days)
        totals: list[DayTotal] = self._queues.reading.call(query)
        return totals

    def page_history(self, page: Page, days: Sequence[date]) -> list[int]:
        """Return the views of a page on each day. Raises BackendError."""
        query = partial(reading.page_history, page=page, days=days)
        views: list[int] = self._queues.reading.call(query)
        return views

    def page_views(self, site: str, days: Sequence[date]) -> dict[str, int]:
        """Return the views of each page on these days. Raises BackendError."""
        return summing.page_views(self._path, site, days)

    def ignored(self, site: str, days: Sequence[date]) -> dict[Ignored, int]:
        """Return the ignored views of a site, by reason. Raises BackendError."""
        query = partial(reading.ignored, site=site, days=days)
        found: dict[Ignored, int] = self._queues.reading.call(query)
        return found

    def referrers(
        self, site: str, days: Sequence[date] | None = None
    ) -> dict[str, int]:
        """Return the views by referrer. Raises BackendError."""
        query = partial(reading.referrers, site=site, days=days)
        found: dict[str, int] = self._queues.reading.call(query)
        return found

    def set_views(self, page: Page, views: int, *, change: str | None = None) -> int:
        """Set the total views of a page, and return their number before.

        Raises BackendError and its subclass LimitReachedError.
        """
        before: int = self._change(
            change,
            partial(changing.set_views, page=page, views=views, limits=self._limits),
        )
        return before

    def add_views(
        self,
        page: Page,
        views: int,
        *,
        day: date | None = None,
        change: str | None = None,
    ) -> Numbers:
        """Add views to a page, and return the numbers before.

        Raises BackendError and its subclasses LimitReachedError and TooFewViewsError.
        """
        add = partial(
            changing.add_views, page=page, views=views, day=day, limits=self._limits
        )
        return Numbers(*self._change(change, add))

    def delete_page(self, page: Page, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a page, return its views. Raises BackendError."""
        views: int = self._change(change, partial(changing.delete_page, page=page))
        return views

    def remember(self, name: str, text: str, *, instead_of: str | None = None) -> str:
        """Keep a text, and return the kept one. Raises BackendError."""
        keep = partial(changing.remember, name=name, text=text, instead_of=instead_of)
        kept: str = self._queues.changing.call(keep)
        return kept

    def _change(self, name: str | None, change: Callable[..., Any]) -> Any:
        return self._queues.changing.call(
            partial(changing.once, name=name, change=change)
        )

    def delete_site(self, site: str, today: date, *, change: str | None = None) -> int:
        """Delete the counts of a site, return its views. Raises BackendError."""
        views: int = self._change(change, partial(changing.delete_site, site=site))
        self._remove_rows_of_deleted_sites()
        return views

    def _remove_rows_of_deleted_sites(self) -> None:
        # If that is not possible now, housekeeping does it.
        with suppress(BackendError), closing(Database(self._path)) as database:
            remove_expired(database)

    def merge_pages(self, site: str, into: Mapping[str, str], today: date) -> None:
        """Merge pages of a site. Raises ValueError, BackendError."""
        check_pages(site, into)
        merging.merge_pages(self._path, site, into)

    def merge_sites(self, site: str, into: str, today: date) -> None:
        """Merge a site into another one. Raises ValueError, BackendError."""
        check_sites(site, into)
        merging.merge_sites(self._path, site, into)
        self._remove_rows_of_deleted_sites()

    def counts(self, site: str, today: date) -> Iterator[Count]:
        """Yield all counts of a site. Raises BackendError."""
        return exporting.counts(self._path, site)

    def first_day(self, site: str, today: date) -> date | None:
        """Return the first day of a site. Raises BackendError."""
        day: date | None = self._queues.reading.call(
            partial(reading.first_day, site=site)
        )
        return day

    def imports(self, site: str) -> dict[str, tuple[date, date] | None]:
        """Return the imports of a site. Raises BackendError."""
        found: dict[str, tuple[date, date] | None] = self._queues.reading.call(
            partial(reading.imports, site=site)
        )
        return found

    def import_counts(
        self, sites: Mapping[str, SiteImport], *, replace: bool, today: date
    ) -> set[str]:
        """Import counts in short transactions, between which views are counted.

        Raises BackendError and its subclass LimitReachedError. A later import of one of
        the sites, or a change to one of them by the owner, ends an import.
        """
        return importing.import_counts(self._path, self._limits, sites, replace=replace)
