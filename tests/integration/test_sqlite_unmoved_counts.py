"""Counts of imports that count, but are not in the rows of pages of the file yet."""

import time
from contextlib import closing
from itertools import cycle
from pathlib import Path

import apsw
import pytest

from page_tracker import BackendError, Count, Page
from page_tracker.backends.sqlite import incoming, schema
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.backup import back_up
from page_tracker.backends.sqlite.database import Database
from tests.contract import CounterBackendContract, OpenBackend
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    add_counts,
    all_counts,
    record_views,
    siblings,
    views_on,
)
from tests.integration.sqlite import LEFT, count_rows, import_while, keep


@pytest.fixture(name="unmoved")
def fixture_unmoved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that fail when they have moved one of the counts that count already."""
    move, fails = incoming.add_some, cycle([False, True])

    def move_one(
        part: int, site: int, connection: apsw.Connection, rows: int = 0
    ) -> bool:
        # Housekeeping does not say how many rows it moves.
        if not rows:
            return move(part, site, connection)
        if next(fails):
            raise BackendError("the disk is full")
        return move(part, site, connection, rows=1)

    monkeypatch.setattr(incoming, "add_some", move_one)


@pytest.mark.usefixtures("unmoved")
class TestIncomingCounts(CounterBackendContract):
    """The contract, while most counts of imports are not in the rows of pages yet."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, path: Path) -> OpenBackend:
        """Return a function that opens a backend with the file of this test."""
        return lambda limits: SqliteBackend(path, limits=limits)


@pytest.mark.usefixtures("unmoved")
class TestUnmovedCounts:
    """Counts that count, but are not in the rows of pages yet."""

    @pytest.fixture(name="counts")
    def fixture_counts(self, backend: SqliteBackend, page: Page) -> set[Count]:
        """The counts of an import of which one has been moved."""
        pages = siblings(page, "/a", "/b", "/c")
        counts = [Count(each, 2) for each in pages]
        counts += [Count(each, 1, day) for each in pages for day in (LONG_AGO, TODAY)]
        add_counts(backend, counts)
        return set(counts)

    def test_should_be_moved_by_housekeeping(
        self,
        backend: SqliteBackend,
        page: Page,
        path: Path,
        counts: set[Count],
    ) -> None:
        assert count_rows(path, *LEFT) == [8, 1, 0]

        keep(path)

        assert count_rows(path, *LEFT, "page", "day_page") == [0, 0, 0, 3, 6]
        assert all_counts(backend, page) == counts

    def test_should_be_moved_by_the_next_import(
        self, backend: SqliteBackend, page: Page, path: Path, counts: set[Count]
    ) -> None:
        add_counts(backend, [Count(Page(page.site, "/d"), 1)], name="next")

        assert count_rows(path, "incoming", "page", "day_page") == [0, 4, 6]
        assert all_counts(backend, page) == counts | {Count(Page(page.site, "/d"), 1)}

    def test_should_be_in_a_backup(
        self, page: Page, path: Path, counts: set[Count]
    ) -> None:
        copy = path.with_name("copy.db")

        back_up(path, copy)

        assert all_counts(SqliteBackend(copy), page) == counts
        keep(copy)
        assert all_counts(SqliteBackend(copy), page) == counts
        assert count_rows(copy, *LEFT) == [0, 0, 0]

    def test_should_be_deleted_with_their_page(
        self,
        backend: SqliteBackend,
        page: Page,
        path: Path,
        counts: set[Count],
    ) -> None:
        deleted = Page(page.site, "/c")

        assert backend.delete_page(deleted, TODAY) == 2

        left = {count for count in counts if count.page != deleted}
        assert all_counts(backend, page) == left
        assert views_on(backend, page, LONG_AGO, TODAY) == [2, 2]
        keep(path)
        assert all_counts(backend, page) == left

    def test_should_be_deleted_with_their_site(
        self,
        backend: SqliteBackend,
        page: Page,
        path: Path,
        counts: set[Count],
    ) -> None:
        assert backend.delete_site(page.site, TODAY) == sum(
            count.views for count in counts if count.day is None
        )
        record_views(backend, page, 1)
        keep(path)

        assert all_counts(backend, page) == {Count(page, 1), Count(page, 1, TODAY)}
        assert count_rows(path, *LEFT, "site", "page", "import", "import_days") == [
            *(0, 0, 0),
            *(1, 1, 0, 0),
        ]

    def test_should_expire(
        self,
        page: Page,
        path: Path,
        counts: set[Count],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        expired = schema.number_of(LONG_AGO)
        monkeypatch.setattr(
            "page_tracker.backends.sqlite.expiry.last_expired_day", lambda: expired
        )

        keep(path)

        left = {count for count in counts if count.day != LONG_AGO}
        assert all_counts(SqliteBackend(path), page) == left
        assert count_rows(path, *LEFT, "day", "day_page") == [0, 0, 0, 1, 3]


@pytest.mark.usefixtures("unmoved")
def test_should_not_remove_an_import_that_goes_on_at_the_last_moment(
    backend: SqliteBackend,
    page: Page,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = [Count(page, 1), Count(page, 1, TODAY)]
    steps = list[incoming.Step]()

    with closing(Database(path)) as database:

        def decide_to_remove() -> None:
            now = time.time()
            with monkeypatch.context() as patched:
                patched.setattr(time, "time", lambda: now + 601)
                if step := database.read(incoming.next_step):
                    steps.append(step)

        import_while(backend, counts, decide_to_remove)
        database.change(steps[0])

    assert all_counts(backend, page) == set(counts)
