"""Imports into a SQLite file: what happens while they are running."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from page_tracker import BackendError, Count, Limits, Page, View
from page_tracker.backends.sqlite import schema
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.backup import back_up
from page_tracker.backends.sqlite.steps import Steps
from page_tracker.backends.sqlite.switching import Switch
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    ranked,
    record_views,
    siblings,
)
from tests.integration.sqlite import LEFT, count_rows, import_while, keep


@pytest.fixture(name="short_steps")
def fixture_short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that handle one row in each step."""
    monkeypatch.setattr(Steps, "_MOST_ROWS", 1)


@pytest.mark.usefixtures("short_steps")
class TestRunningImports:
    """What happens while counts are staged."""

    def test_should_not_be_seen(self, backend: SqliteBackend, page: Page) -> None:
        record_views(backend, page, 1)
        other = Page(f"www.{page.site}", "/")
        counts = [Count(page, 5), Count(page, 5, YESTERDAY), Count(other, 2)]
        before, seen = all_counts(backend, page), list[object]()

        import_while(
            backend,
            counts,
            lambda: seen.append((all_counts(backend, page), len(backend.sites(TODAY)))),
        )

        assert seen == [(before, 1)] * 2
        assert backend.tally(page, TODAY).site_views == 6
        assert backend.tally(other, TODAY).site_views == 2

    @pytest.mark.parametrize("replaces", [False, True])
    def test_should_keep_views_that_are_counted_before_their_end(
        self,
        backend: SqliteBackend,
        page: Page,
        monkeypatch: pytest.MonkeyPatch,
        replaces: bool,
    ) -> None:
        new, other = siblings(page, "/new", "/other")
        record_views(backend, page, 3)
        counts = [Count(page, 5), Count(page, 4, TODAY), Count(new, 2)]
        prepare = Switch.prepare

        def prepare_and_view(self: Switch, connection: apsw.Connection) -> None:
            prepare(self, connection)
            for each in (page, new, other):
                record_views(backend, each, 1)

        monkeypatch.setattr(Switch, "prepare", prepare_and_view)

        add_counts(backend, counts, replace=replaces)

        kept = 0 if replaces else 3
        assert all_counts(backend, page) == {
            *(Count(page, 6 + kept), Count(new, 3), Count(other, 1)),
            *(Count(page, 5 + kept, TODAY), Count(new, 1, TODAY)),
            Count(other, 1, TODAY),
        }
        (total,) = backend.sites(TODAY)
        assert (total.pages, total.views) == (3, 10 + kept)

    @pytest.mark.parametrize(
        "change",
        [
            lambda backend, page: backend.set_views(page, 9),
            lambda backend, page: backend.delete_page(page, TODAY),
            lambda backend, page: backend.delete_site(page.site, TODAY),
        ],
    )
    def test_should_end_when_the_owner_changes_the_site(
        self,
        backend: SqliteBackend,
        page: Page,
        path: Path,
        change: Callable[[SqliteBackend, Page], object],
    ) -> None:
        record_views(backend, page, 3)
        counts = [Count(page, 5), Count(Page(f"www.{page.site}", "/"), 2)]

        with pytest.raises(BackendError, match="run it again"):
            import_while(backend, counts, lambda: change(backend, page))

        left = backend.tally(page, TODAY).page_views
        assert left in (0, 9)
        assert len(backend.sites(TODAY)) <= 1
        assert count_rows(path, *LEFT) == [0, 0, 0]
        assert add_counts(backend, counts)
        assert backend.tally(page, TODAY).page_views == left + 5

    def test_should_end_when_another_import_of_the_site_begins(
        self, backend: SqliteBackend, page: Page, path: Path
    ) -> None:
        counts = [Count(page, 5), Count(page, 5, YESTERDAY)]
        other = SqliteBackend(path)

        with pytest.raises(BackendError, match="another import"):
            import_while(
                backend, counts, lambda: add_counts(other, counts, name="other")
            )

        assert all_counts(backend, page) == set(counts)
        assert list(backend.imports(page.site)) == ["other"]
        assert count_rows(path, *LEFT) == [0, 0, 0]

    def test_should_not_end_when_an_import_of_another_site_begins(
        self, backend: SqliteBackend, page: Page, path: Path
    ) -> None:
        counts, other = [Count(page, 5)], Page(f"www.{page.site}", "/")

        import_while(
            backend, counts, lambda: add_counts(SqliteBackend(path), [Count(other, 2)])
        )

        assert [total.views for total in backend.sites(TODAY)] == [5, 2]

    def test_should_end_if_they_have_stood_still(
        self,
        backend: SqliteBackend,
        page: Page,
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def stand_still() -> None:
            now = time.time()
            monkeypatch.setattr(time, "time", lambda: now + 601)
            keep(path)

        with pytest.raises(BackendError, match="run it again"):
            import_while(backend, [Count(page, 1), Count(page, 1, TODAY)], stand_still)

        assert count_rows(path, *LEFT, "site", "page") == [0] * 5

    def test_should_not_be_disturbed_by_housekeeping(
        self, backend: SqliteBackend, page: Page, path: Path
    ) -> None:
        counts = [Count(page, 1), Count(page, 1, TODAY)]

        import_while(backend, counts, lambda: keep(path))

        assert all_counts(backend, page) == set(counts)

    def test_should_be_backed_up_without_staged_counts(
        self, backend: SqliteBackend, page: Page, path: Path
    ) -> None:
        record_views(backend, page, 1)
        copy = path.with_name("copy.db")

        import_while(
            backend,
            [Count(page, 1), Count(page, 1, TODAY)],
            lambda: back_up(path, copy),
        )
        keep(copy)

        assert all_counts(SqliteBackend(copy), page) == {
            Count(page, 1),
            Count(page, 1, TODAY),
        }
        assert count_rows(copy, *LEFT) == [0, 0, 0]

    def test_should_count_new_pages_again_if_ids_are_used_again(
        self, backend: SqliteBackend, page: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages = siblings(page, "/a", "/b", "/c")
        other = Page(f"www.{page.site}", "/")
        record_views(backend, other, 1)
        prepared = list[Switch]()
        prepare = Switch.prepare

        def prepare_and_wait(switch: Switch, connection: apsw.Connection) -> None:
            prepare(switch, connection)
            if not prepared:
                # A new page gets the number of one that is deleted.
                backend.delete_page(other, TODAY)
                backend.record(View(pages[0], TODAY))
            prepared.append(switch)

        monkeypatch.setattr(Switch, "prepare", prepare_and_wait)
        add_counts(backend, [Count(each, 1) for each in pages])

        assert len(prepared) == 2
        (total,) = [each for each in backend.sites(TODAY) if each.site == page.site]
        assert (total.pages, total.views) == (3, 4)


def test_should_use_a_file_of_an_earlier_version(path: Path, page: Page) -> None:
    with closing(apsw.Connection(str(path))) as file:
        file.execute(schema.TABLES).fetchall()
        file.pragma("journal_mode", "WAL")
        file.pragma("application_id", schema.APPLICATION_ID)
        file.pragma("user_version", 1)
        file.execute("INSERT INTO site VALUES (1, ?, 3, 1)", (page.site,))
        file.execute("INSERT INTO page VALUES (1, 1, ?, 3)", (page.path,))
        day = schema.number_of(YESTERDAY)
        file.execute("INSERT INTO day VALUES (1, ?, 3, 0)", (day,))
        file.execute("INSERT INTO import VALUES (1, 'old')")
    backend = SqliteBackend(path)

    assert backend.first_day(page.site, TODAY) == YESTERDAY
    assert backend.imports(page.site) == {"old": None}
    assert add_counts(backend, [Count(page, 2), Count(page, 1, LONG_AGO)])
    assert backend.tally(page, TODAY).page_views == 5
    assert backend.first_day(page.site, TODAY) == LONG_AGO


def test_should_count_referrers_in_a_file_that_an_earlier_version_still_uses(
    path: Path, page: Page
) -> None:
    with closing(apsw.Connection(str(path))) as earlier:
        # Before there were referrers, the file had these tables.
        earlier.execute(schema.TABLES + schema.ADDITIONS["incoming"]).fetchall()
        earlier.pragma("journal_mode", "WAL")
        earlier.pragma("application_id", schema.APPLICATION_ID)
        earlier.pragma("user_version", 1)
        earlier.execute("INSERT INTO site VALUES (1, ?, 3, 1, NULL)", (page.site,))
        earlier.execute("INSERT INTO page VALUES (1, 1, ?, 3)", (page.path,))
        backend = SqliteBackend(path)
        assert not backend.referrers(page.site)
        for day in (YESTERDAY, TODAY):
            backend.record(View(page, day, referrer="a.example"))

        # The earlier version removes a day that has expired, and then a deleted site.
        yesterday = schema.number_of(YESTERDAY)
        earlier.execute("DELETE FROM day WHERE site = 1 AND day = ?", (yesterday,))
        assert not backend.referrers(page.site, [YESTERDAY])
        assert backend.referrers(page.site) == {"a.example": 2}
        for table in ("page", "day_page", "day"):
            earlier.execute(f"DELETE FROM {table}")  # nosec B608  # constants
        earlier.execute("DELETE FROM site")

    # The new site gets the number of the deleted one.
    assert backend.record(View(page, TODAY)).site_views == 1
    assert not backend.referrers(page.site)
    assert not backend.referrers(page.site, [YESTERDAY, TODAY])


def test_should_store_nothing_beyond_a_limit(path: Path, page: Page) -> None:
    backend = SqliteBackend(path, limits=Limits(pages_per_site=2))
    record_views(backend, page, 1)
    counts = [Count(each, 1) for each in siblings(page, "/a", "/b")]

    def never() -> None:
        raise AssertionError("the counts are staged")

    with pytest.raises(BackendError, match="PAGE_TRACKER_MAX_PAGES"):
        # The pages are read once, to learn which of them are known.
        days = [Count(page, 1, day) for day in (YESTERDAY, TODAY)]
        import_while(backend, counts + days, never)

    assert count_rows(path, *LEFT) == [0, 0, 0]


def test_should_refuse_pages_that_views_have_left_no_room_for(
    path: Path, page: Page
) -> None:
    backend = SqliteBackend(path, limits=Limits(pages_per_site=2))
    new = Page(page.site, "/new")

    with pytest.raises(BackendError, match="PAGE_TRACKER_MAX_PAGES"):
        import_while(
            backend,
            [Count(each, 1) for each in siblings(page, "/a", "/b")],
            lambda: record_views(backend, new, 1),
        )

    assert ranked(backend, page) == [("/new", 1)]
    assert count_rows(path, *LEFT) == [0, 0, 0]
