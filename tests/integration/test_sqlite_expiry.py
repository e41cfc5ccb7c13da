"""What the SQLite file forgets: salts, visitors, old days and deleted sites."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from page_tracker import Count, DayTotal, Ignored, Limits, Page, Tally, View
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database, Query, R, fetch_all
from page_tracker.backends.sqlite.expiry import remove_expired
from tests.contract_owner import TODAY, YESTERDAY, add_counts, views_on

HOUR_S, DAY_S = 3600, 24 * 3600
TABLES = ("site", "page", "day", "day_page", "ignored", "salt", "visitor", "seen")
SALT, PSEUDONYM = "SELECT salt FROM salt", "SELECT pseudonym FROM visitor"
NO_REPEATS = Limits(repeats_s=HOUR_S)


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._real = time.time

    def time(self) -> float:
        """Return the time of this clock."""
        return self._real() + self.ahead_s


@pytest.fixture(name="clock")
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which salts and repeats expire."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


@pytest.fixture(name="backend")
def fixture_backend(path: Path) -> SqliteBackend:
    """A backend that ignores repeats within an hour."""
    return SqliteBackend(path, limits=NO_REPEATS)


@pytest.fixture(name="database")
def fixture_database(path: Path) -> Iterator[Database]:
    """Another connection to the file, as housekeeping has."""
    with closing(Database(path)) as database:
        yield database


def record(backend: SqliteBackend, views: Iterable[View]) -> None:
    """Record views concurrently, which is faster than one after another."""
    with ThreadPoolExecutor(50) as threads:
        list(threads.map(backend.record, views))


def rows(database: Database, table: str) -> int:
    """Return the number of rows of a table."""
    query = f"SELECT count(*) FROM {table}"  # nosec B608  # constants
    number: int = database.use(lambda connection: connection.execute(query).get)
    return number


def all_bytes(path: Path) -> bytes:
    """Return the content of the file and of its write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    return path.read_bytes() + (log.read_bytes() if log.exists() else b"")


def long_pseudonyms(connection: apsw.Connection) -> list[bytes]:
    """Return the stored pseudonyms that take eight bytes, as almost all do.

    SQLite stores smaller numbers in fewer (sqlite.org/fileformat2.html, 2.1).
    """
    numbers = [number for (number,) in fetch_all(connection, PSEUDONYM)]
    return [n.to_bytes(8, "big", signed=True) for n in numbers if abs(n) >= 2**47]


class TestVisitors:
    """The visitors of a day, and its salt."""

    def test_should_be_exact(self, backend: SqliteBackend, page: Page) -> None:
        record(
            backend,
            (
                View(Page(page.site, f"/{n}"), TODAY, f"visitor {n % 700}")
                for n in range(2000)
            ),
        )

        assert backend.tally(page, TODAY).site_visitors_today == 700
        assert backend.history(page.site, [TODAY]) == [DayTotal(TODAY, 2000, 700)]

    def test_should_be_only_a_number_when_the_salt_is_gone(
        self, backend: SqliteBackend, database: Database, clock: Clock, page: Page
    ) -> None:
        record(backend, (View(page, TODAY, f"visitor {n}") for n in range(2500)))
        assert (rows(database, "visitor"), rows(database, "salt")) == (2500, 1)

        clock.ahead_s = 46.9 * HOUR_S
        remove_expired(database)
        assert (rows(database, "visitor"), rows(database, "salt")) == (2500, 1)
        clock.ahead_s = 47.9 * HOUR_S
        remove_expired(database)

        assert [rows(database, name) for name in ("visitor", "salt", "seen")] == [0] * 3
        assert backend.history(page.site, [TODAY]) == [DayTotal(TODAY, 2500, 2500)]
        assert backend.record(View(page, TODAY, "new")) == Tally(2501, 2501, 2501)

    def test_should_keep_those_of_a_day_whose_salt_is_newer(
        self, backend: SqliteBackend, database: Database, clock: Clock, page: Page
    ) -> None:
        backend.record(View(page, YESTERDAY, "one"))
        clock.ahead_s = DAY_S
        backend.record(View(page, TODAY, "one"))

        clock.ahead_s = 2 * DAY_S
        remove_expired(database)

        assert (rows(database, "visitor"), rows(database, "salt")) == (1, 1)
        assert backend.record(View(page, TODAY, "one")).site_visitors_today == 1

    def test_should_not_be_found_in_the_bytes_of_the_files(
        self,
        backend: SqliteBackend,
        database: Database,
        clock: Clock,
        path: Path,
        page: Page,
    ) -> None:
        # So many that some pages of the file contain nothing else.
        visitors = [f"192.0.2.1 Browser {number}" for number in range(1_000)]
        record(backend, (View(page, TODAY, visitor) for visitor in visitors))
        # While a transaction reads, the log keeps its content.
        salt, pseudonyms, content = database.read(
            lambda c: (c.execute(SALT).get, long_pseudonyms(c), all_bytes(path))
        )
        assert len(pseudonyms) > 900
        assert salt in content and all(each in content for each in pseudonyms)
        assert b"192.0.2.1" not in content

        clock.ahead_s = 2 * DAY_S
        remove_expired(database)

        content = all_bytes(path)
        assert page.site.encode() in content
        assert salt not in content and not any(each in content for each in pseudonyms)

    def test_should_be_forgotten_the_next_time_if_a_reader_is_busy(
        self,
        backend: SqliteBackend,
        database: Database,
        clock: Clock,
        path: Path,
        page: Page,
    ) -> None:
        backend.record(View(page, TODAY, "visitor"))
        salt: bytes = database.use(lambda c: c.execute(SALT).get)
        clock.ahead_s = 2 * DAY_S
        with closing(apsw.Connection(str(path))) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM site").fetchall()
            remove_expired(database)
            assert salt in all_bytes(path)

        remove_expired(database)

        assert salt not in all_bytes(path)

    def test_should_lose_a_salt_from_the_future(
        self, backend: SqliteBackend, database: Database, clock: Clock, page: Page
    ) -> None:
        clock.ahead_s = 10 * DAY_S
        backend.record(View(page, TODAY, "visitor"))

        clock.ahead_s = 0
        remove_expired(database)

        assert rows(database, "salt") == rows(database, "visitor") == 0


class TestRepeats:
    """Who has viewed a page recently."""

    def test_should_be_found_by_another_process(
        self, backend: SqliteBackend, path: Path, page: Page
    ) -> None:
        other = SqliteBackend(path, limits=NO_REPEATS)

        reasons = [
            each.record(View(page, TODAY, "me")).ignored
            for each in (backend, other, backend)
        ]

        assert reasons == [None, Ignored.REPEAT, Ignored.REPEAT]

    def test_should_count_after_the_interval(
        self, backend: SqliteBackend, clock: Clock, page: Page
    ) -> None:
        backend.record(View(page, TODAY, "me"))

        clock.ahead_s = HOUR_S - 1
        before = backend.record(View(page, TODAY, "me"))
        clock.ahead_s = HOUR_S + 1
        after = backend.record(View(page, TODAY, "me"))

        assert before == Tally(1, 1, 1, Ignored.REPEAT)
        assert after == Tally(2, 2, 1)

    def test_should_be_removed_in_steps(
        self, backend: SqliteBackend, database: Database, clock: Clock, page: Page
    ) -> None:
        record(backend, (View(page, TODAY, f"visitor {n}") for n in range(2500)))

        clock.ahead_s = HOUR_S + 1
        backend.record(View(page, TODAY, "new"))
        assert rows(database, "seen") == 1501
        remove_expired(database)

        assert rows(database, "seen") == 1


class TestDays:
    """Daily counts, which are kept for 400 days."""

    def test_should_be_removed_after_the_retention(
        self, backend: SqliteBackend, database: Database, page: Page
    ) -> None:
        kept, expired = TODAY - timedelta(days=399), TODAY - timedelta(days=402)
        for day in (kept, expired):
            pages = (Page(page.site, f"/{number}") for number in range(1200))
            record(backend, [View(each, day, "one") for each in pages])
            backend.record(View(page, day, None, Ignored.CRAWLER))
            backend.record(View(page, day, referrer="a.example"))

        remove_expired(database)

        assert views_on(backend, page, kept, expired) == [1201, 0]
        assert not backend.page_views(page.site, [expired])
        assert backend.ignored(page.site, [expired]) == {}
        assert backend.ignored(page.site, [kept]) == {Ignored.CRAWLER: 1}
        assert backend.tally(page, TODAY).site_views == 2402
        assert [rows(database, name) for name in ("day", "day_page")] == [1, 1201]
        assert backend.referrers(page.site, [kept]) == {"a.example": 1}
        assert not backend.referrers(page.site, [expired])
        assert backend.referrers(page.site) == {"a.example": 2}

    def test_should_be_removed_if_all_their_views_are_ignored(
        self, backend: SqliteBackend, database: Database, page: Page
    ) -> None:
        backend.record(View(page, TODAY))
        old = TODAY - timedelta(days=402)
        backend.record(View(page, old, None, Ignored.CRAWLER))
        assert backend.ignored(page.site, [old]) == {Ignored.CRAWLER: 1}

        remove_expired(database)

        assert rows(database, "ignored") == 0


class TestDeletedSites:
    """Sites that the owner has deleted."""

    def test_should_leave_no_rows(
        self, backend: SqliteBackend, database: Database, page: Page
    ) -> None:
        record(
            backend,
            (View(Page(page.site, f"/{n}"), TODAY, f"v{n}") for n in range(1200)),
        )
        backend.record(View(page, YESTERDAY, None, Ignored.CRAWLER))
        add_counts(backend, [Count(page, 1)])
        backend.record(View(page, TODAY, referrer="a.example"))

        assert backend.delete_site(page.site, TODAY) == 1202

        tables = (*TABLES, "import", "referrer")
        left = {name: rows(database, name) for name in tables}
        assert left == dict.fromkeys(tables, 0) | {"salt": 1}

    def test_should_be_gone_at_once_while_their_rows_are_still_there(
        self,
        backend: SqliteBackend,
        database: Database,
        page: Page,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        record(
            backend,
            (View(Page(page.site, f"/{n}"), TODAY, f"v{n}") for n in range(1500)),
        )
        # The process that deletes the site ends before it has removed the rows.
        with monkeypatch.context() as patched:
            patched.setattr(
                "page_tracker.backends.sqlite.backend.remove_expired", lambda _: None
            )
            backend.delete_site(page.site, TODAY)
        assert rows(database, "day_page") == rows(database, "visitor") == 1500

        assert backend.sites(TODAY) == []
        assert backend.tally(Page(page.site, "/1"), TODAY) == Tally(0, 0, 0)
        again = backend.record(View(Page(page.site, "/1"), TODAY, "v1"))
        assert again == Tally(1, 1, 1)
        remove_expired(database)

        assert backend.history(page.site, [TODAY]) == [DayTotal(TODAY, 1, 1)]
        assert [rows(database, name) for name in ("site", "page", "visitor")] == [1] * 3

    def test_should_let_views_be_counted_while_their_rows_are_removed(
        self,
        backend: SqliteBackend,
        database: Database,
        page: Page,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        days, paths = (None, TODAY), [f"/{number}" for number in range(5000)]
        many = [Count(Page(page.site, path), 1, day) for path in paths for day in days]
        add_counts(backend, many)
        numbers = list[int]()

        class Interrupted(Database):
            """A connection that lets a view of another site be counted first."""

            def change(self, change: Query[R]) -> R:
                tally = backend.record(View(Page("other.example", "/"), TODAY))
                numbers.append(tally.site_views)
                return super().change(change)

        monkeypatch.setattr(
            "page_tracker.backends.sqlite.backend.Database", Interrupted
        )
        assert backend.delete_site(page.site, TODAY) == 5000

        assert len(numbers) > 10
        assert numbers == list(range(1, len(numbers) + 1))
        assert rows(database, "day_page") == rows(database, "page") == 1
