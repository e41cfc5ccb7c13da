"""Counts in a SQLite file: unusual paths, large numbers, limits, two processes."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from page_tracker import (
    BackendError,
    Count,
    DayTotal,
    Ignored,
    LimitReachedError,
    Limits,
    Page,
    PageViews,
    Tally,
    View,
)
from page_tracker.backends.sqlite import recording
from page_tracker.backends.sqlite.backend import SqliteBackend
from tests.contract_owner import TODAY, YESTERDAY, add_counts, ranked

MAXIMUM = 2**63 - 1
MANY = 100_000

PATHS = [
    "/'); DROP TABLE page; --",
    '/"quoted"',
    "/100%",
    "/_",
    r"/back\slash",
    "/[x]",
    '/{"a": [1, null]}',
    "/😀/é",
    "/é",
    "/0",
    "/1e5",
    "1",
    "0x1F",
    "null",
    "\u2028",
    "/" + "x" * 8191,
]


@pytest.fixture(name="raw")
def fixture_raw(path: Path, backend: SqliteBackend) -> Iterator[apsw.Connection]:
    """A connection of another program to the file."""
    backend.check()
    with closing(apsw.Connection(str(path))) as connection:
        yield connection


def test_should_distinguish_unusual_paths(backend: SqliteBackend, page: Page) -> None:
    pages = [Page(page.site, path) for path in PATHS]
    views = [
        View(page, TODAY) for number, page in enumerate(pages) for _ in range(number)
    ]
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(backend.record, views))

    for number, each in enumerate(pages):
        assert backend.tally(each, TODAY).page_views == number
        found = backend.pages(page.site, search=each.path).pages
        assert (PageViews(each, number) in found) == (number > 0)
    whole = ranked(backend, page)
    assert whole == [(path, n) for n, path in reversed(list(enumerate(PATHS))) if n]
    assert backend.page_views(page.site, [TODAY]) == dict(whole)


@pytest.mark.parametrize("text", ["über", "ÜBER", "é", "É", "жук", "ЖУК", "😀", "ÜB"])
def test_should_ignore_the_case_of_all_letters_in_a_search(
    backend: SqliteBackend, page: Page, text: str
) -> None:
    add_counts(backend, [Count(Page(page.site, "/Über/éÉ/Жук/😀"), 1), Count(page, 1)])

    found = ranked(backend, page, search=text)

    assert found == [("/Über/éÉ/Жук/😀", 1)]


@pytest.mark.parametrize("text", ["*", "?", "[", "]", "[a-z]", "^", "[]", "%", "_"])
def test_should_search_for_the_characters_themselves(
    backend: SqliteBackend, page: Page, text: str
) -> None:
    path = f"/x{text}y"
    add_counts(backend, [Count(Page(page.site, each), 1) for each in ("/xay", path)])

    assert ranked(backend, page, search=text) == [(path, 1)]
    assert ranked(backend, page, search=path.upper()) == [(path, 1)]


def test_should_search_and_rank_in_many_pages(
    backend: SqliteBackend, path: Path, page: Page
) -> None:
    roomy = SqliteBackend(path, limits=Limits(pages_per_site=MANY))
    add_counts(
        roomy,
        [
            Count(Page(page.site, f"/post/{number:06}"), 1 + number % 100)
            for number in range(MANY)
        ],
    )

    first = backend.pages(page.site, limit=600)
    rest = backend.pages(page.site, limit=600, after=first.next)

    assert {each.views for each in first.pages} == {100}
    numbers = [int(each.page.path[-6:]) for each in (*first.pages, *rest.pages)]
    assert numbers == list(range(99_999, 99_999 - 1200 * 100, -100))[:1000] + list(
        range(99_998, 99_998 - 200 * 100, -100)
    )
    found = backend.pages(page.site, search="POST/0999", limit=1000)
    assert (len(found.pages), found.next) == (100, None)
    with pytest.raises(LimitReachedError):
        roomy.record(View(page, TODAY))


@pytest.mark.parametrize(
    "digest", [b"\xff" * 8, b"\x80" + bytes(7), bytes(8), b"\x7f" * 8]
)
def test_should_store_pseudonyms_of_all_sizes(
    backend: SqliteBackend,
    path: Path,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    digest: bytes,
) -> None:
    monkeypatch.setattr(recording, "pseudonym", lambda *_: digest)
    backend = SqliteBackend(path, limits=Limits(repeats_s=3600))

    tallies = [backend.record(View(page, TODAY, "visitor")) for _ in range(2)]

    assert tallies == [Tally(1, 1, 1), Tally(1, 1, 1, Ignored.REPEAT)]


class TestIds:
    """Rows of deleted pages and sites are not mixed up with those of new ones."""

    def test_should_not_let_a_new_page_inherit_repeats_or_days(
        self, path: Path, page: Page
    ) -> None:
        backend = SqliteBackend(path, limits=Limits(repeats_s=3600))
        old, new = Page(page.site, "/old"), Page(page.site, "/new")
        backend.record(View(old, TODAY, "visitor"))

        backend.delete_page(old, TODAY)

        assert backend.record(View(new, TODAY, "visitor")) == Tally(1, 1, 1)
        assert backend.page_views(page.site, [TODAY]) == {"/new": 1}

    def test_should_not_let_a_new_site_inherit_anything(
        self, path: Path, page: Page
    ) -> None:
        backend = SqliteBackend(path, limits=Limits(repeats_s=3600))
        backend.record(View(page, TODAY, "visitor"))
        backend.record(View(page, YESTERDAY, None, Ignored.CRAWLER))
        backend.record(View(page, YESTERDAY, referrer="a.example"))
        add_counts(backend, [Count(page, 5)], name="it")
        other = Page(f"www.{page.site}", page.path)

        backend.delete_site(page.site, TODAY)

        assert backend.record(View(other, TODAY, "visitor")) == Tally(1, 1, 1)
        assert backend.history(other.site, [TODAY]) == [DayTotal(TODAY, 1, 1)]
        assert backend.ignored(other.site, [YESTERDAY]) == {}
        assert not backend.referrers(other.site)
        assert not backend.referrers(other.site, [YESTERDAY])
        assert add_counts(backend, [Count(other, 5)], name="it")
        assert backend.sites(TODAY)[0].pages == 1


class TestOverflow:
    """A count that has reached the largest number."""

    def test_should_fail_for_this_site_only(
        self, backend: SqliteBackend, raw: apsw.Connection, page: Page
    ) -> None:
        other = Page(f"www.{page.site}", "/")
        backend.record(View(page, TODAY))
        raw.execute("UPDATE site SET views = ?", (MAXIMUM - 1,))

        assert backend.record(View(page, TODAY)).site_views == MAXIMUM
        before = raw.execute("SELECT * FROM day").fetchall()
        with ThreadPoolExecutor(20) as threads:
            views = [View(each, TODAY, "me") for each in (page, other) * 20]
            pending = [threads.submit(backend.record, view) for view in views]
        errors = [str(each.exception()) for each in pending if each.exception()]

        assert errors == ["the views of the site have reached the largest number"] * 20
        assert backend.tally(other, TODAY) == Tally(20, 20, 1)
        assert raw.execute("SELECT * FROM day").fetchall()[:1] == before
        assert backend.tally(page, TODAY).site_views == MAXIMUM

    def test_should_refuse_an_import_that_is_too_large(
        self, backend: SqliteBackend, raw: apsw.Connection, page: Page
    ) -> None:
        backend.record(View(page, TODAY))
        raw.execute("UPDATE page SET views = ?", (MAXIMUM,))

        with pytest.raises(BackendError):
            add_counts(backend, [Count(page, 1)])
        with pytest.raises(BackendError):
            backend.set_views(Page(page.site, "/other"), MAXIMUM)

        assert backend.tally(page, TODAY) == Tally(MAXIMUM, 1, 0)


class TestSeveralProcesses:
    """Two backends with the same file, as two workers have them."""

    @pytest.mark.parametrize(
        ("limits", "most"),
        [(Limits(sites=3), 3), (Limits(sites=3, repeats_s=60), 3)],
    )
    def test_should_respect_the_limit_of_sites_together(
        self, path: Path, limits: Limits, most: int
    ) -> None:
        backends = [SqliteBackend(path, limits=limits) for _ in range(2)]

        def record(number: int) -> bool:
            view = View(Page(f"{number % 10}.example", "/"), TODAY, "me")
            try:
                return backends[number % 2].record(view).ignored is None
            except LimitReachedError:
                return False

        with ThreadPoolExecutor(16) as threads:
            counted = sum(threads.map(record, range(200)))

        sites = backends[0].sites(TODAY)
        assert len(sites) == most
        assert sum(site.views for site in sites) == counted

    def test_should_respect_the_limit_of_pages_together(
        self, path: Path, page: Page
    ) -> None:
        limits = Limits(pages_per_site=3)
        backends = [SqliteBackend(path, limits=limits) for _ in range(2)]

        def record(number: int) -> int:
            view = View(Page(page.site, f"/{number % 20}"), TODAY)
            try:
                return backends[number % 2].record(view).site_views
            except LimitReachedError:
                return 0

        with ThreadPoolExecutor(16) as threads:
            numbers = [n for n in threads.map(record, range(400)) if n]

        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert len(backends[0].pages(page.site).pages) == 3

    def test_should_count_each_visitor_once(self, path: Path, page: Page) -> None:
        limits = Limits(repeats_s=3600)
        backends = [SqliteBackend(path, limits=limits) for _ in range(2)]
        views = [View(page, TODAY, f"visitor {n % 10}") for n in range(200)]

        def record(number: int) -> Tally:
            return backends[number % 2].record(views[number])

        with ThreadPoolExecutor(16) as threads:
            tallies = list(threads.map(record, range(200)))

        counted = [each.page_views for each in tallies if each.ignored is None]
        assert sorted(counted) == list(range(1, 11))
        assert backends[0].tally(page, TODAY) == Tally(10, 10, 10)


class TestOtherFiles:
    """Files that are not of this version of the tracker."""

    @pytest.mark.parametrize(
        ("statements", "reason"),
        [
            ("CREATE TABLE t (x); INSERT INTO t VALUES (1)", "another program"),
            (
                "PRAGMA application_id = 0x70677472; PRAGMA user_version = 2; "
                "CREATE TABLE t (x)",
                "a newer version",
            ),
            (
                "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x70677472; "
                "PRAGMA user_version = 99; CREATE TABLE t (x)",
                "a newer version",
            ),
            ("PRAGMA application_id = 7; CREATE TABLE t (x)", "another program"),
        ],
    )
    def test_should_be_refused_and_left_as_they_are(
        self, path: Path, page: Page, statements: str, reason: str
    ) -> None:
        with closing(apsw.Connection(str(path))) as connection:
            connection.execute(statements).fetchall()
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        backend = SqliteBackend(path)

        for action in (
            lambda: backend.record(View(page, TODAY)),
            lambda: backend.tally(page, TODAY),
            backend.check,
            lambda: backend.sites(TODAY),
            lambda: backend.set_views(page, 1),
            lambda: backend.delete_site(page.site, TODAY),
            lambda: list(backend.counts(page.site, TODAY)),
            lambda: add_counts(backend, [Count(page, 1)]),
        ):
            with pytest.raises(BackendError, match=reason):
                action()

        assert hashlib.sha256(path.read_bytes()).hexdigest() == before

    @pytest.mark.parametrize(
        "content", [b"x" * 4096, b"SQLite format 3\0" + b"x" * 9000]
    )
    def test_should_be_refused_if_they_are_no_database(
        self, path: Path, page: Page, content: bytes
    ) -> None:
        path.write_bytes(content)

        with pytest.raises(BackendError, match="the file of the counts"):
            SqliteBackend(path).record(View(page, TODAY))

        assert path.read_bytes() == content

    def test_should_be_used_if_they_are_empty(self, path: Path, page: Page) -> None:
        path.touch()

        assert SqliteBackend(path).record(View(page, TODAY)).site_views == 1
