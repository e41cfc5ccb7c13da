"""Imports into a SQLite file: what happens meanwhile, and what they leave behind."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import apsw
import pytest

from page_tracker import BackendError, Count, Limits, Page, View
from page_tracker.backends.sqlite import incoming, schema
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.backup import back_up
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.expiry import remove_expired
from page_tracker.backends.sqlite.steps import Steps
from page_tracker.backends.sqlite.switching import Switch
from tests.contract import CounterBackendContract, OpenBackend
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    ranked,
    record_views,
    siblings,
    site_imports,
    views_on,
)

pytestmark = pytest.mark.timeout(60)

LEFT = ("incoming", "import_part", "import_run")


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    """The path of the file."""
    return tmp_path / "counts.db"


@pytest.fixture(name="backend")
def fixture_backend(path: Path) -> SqliteBackend:
    """A backend of the file."""
    return SqliteBackend(path)


@pytest.fixture(name="short_steps")
def fixture_short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that handle one row in each step."""
    monkeypatch.setattr(Steps, "_MOST_ROWS", 1)


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


def count_rows(path: Path, *tables: str) -> list[int]:
    """Return the number of rows in tables of the file."""
    with closing(apsw.Connection(str(path))) as file:
        return [file.execute(f"SELECT count(*) FROM {name}").get for name in tables]


def keep(path: Path) -> None:
    """Do the work of housekeeping."""
    with closing(Database(path)) as database:
        remove_expired(database)


def import_while(
    backend: SqliteBackend,
    counts: list[Count],
    happens: Callable[[], object],
    *,
    replaces: bool = False,
) -> None:
    """Import counts. Before the last one is read, something happens."""

    def interrupted(expected: list[Count]) -> Iterator[Count]:
        yield from expected[:-1]
        happens()
        yield expected[-1]

    sites = {
        site: replace(added, counts=interrupted(list(added.counts)))
        for site, added in site_imports(counts).items()
    }
    backend.import_counts(sites, replace=replaces, today=TODAY)


@pytest.mark.usefixtures("unmoved")
class TestIncomingCounts(CounterBackendContract):
    """The contract, while most counts of imports are not in the rows of pages yet."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, path: Path) -> OpenBackend:
        """Return a function that opens a backend with the file of this test."""
        return lambda limits: SqliteBackend(path, limits=limits)


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

    @pytest.mark.usefixtures("unmoved")
    def test_should_not_be_removed_if_they_go_on_at_the_last_moment(
        self,
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
