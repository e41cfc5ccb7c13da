"""page-tracker import."""

import bz2
import gzip
import io
import json
import os
import threading
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from page_tracker import BackendError, Ignored, Limits, MemoryBackend, Page, View
from page_tracker.cli import backend as cli_backend
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS
from page_tracker.transfer import formats, recognition
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Note,
    Options,
    Span,
    Views,
    Visitors,
)
from page_tracker.transfer.formats import Format
from tests.unit.cli.conftest import Outcome, Run

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")
CSV = b"page,views\nexample.com/blog,40\nhttps://example.com/about?a,2\n"
AGAIN = "Nothing was imported: these counts have been imported before."
DRY = "Nothing was imported, because this is a dry run."


def in_json(*entries: dict[str, Any], since: str | None = None) -> bytes:
    """Return an export with these entries, or an increment."""
    head: dict[str, Any] = {"format": "page-tracker", "version": 2}
    if since:
        head["since"] = since
    return json.dumps(head | {"counts": entries}).encode()


def increment(*counts: tuple[str, int, date]) -> bytes:
    """Return an increment with the views of these pages on these days."""
    entries = [
        {"page": page, "views": views, "day": day.isoformat()}
        for page, views, day in counts
    ]
    return in_json(*entries, since="2020-01-01")


def views(backend: MemoryBackend, *pages: Page) -> list[int]:
    """Return the total views of each of these pages."""
    return [backend.tally(page, date.min).page_views for page in pages]


def days_of(backend: MemoryBackend, *days: date) -> list[int]:
    """Return the views of the site on each of these days."""
    return [total.views for total in backend.history(BLOG.site, days)]


def refusal(outcome: Outcome) -> str:
    """Return the line that says why files are refused."""
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    return line.removeprefix("page-tracker: ")


@pytest.fixture(name="foreign")
def fixture_foreign(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes the text "foreign" a file with these entries."""

    def define(*entries: Entry, **options: Any) -> None:
        def recognizes(document: Document) -> bool:
            return document.only is not None and document.only.head == b"foreign"

        def read(_document: Document, _options: Options) -> Any:
            yield from entries

        defined = Format("foreign", "Foreign export", recognizes, read, **options)
        for module in (formats, recognition):
            monkeypatch.setattr(module, "FORMATS", (defined, *formats.FORMATS))

    return define


@pytest.fixture(name="days")
def fixture_days(today: date) -> list[date]:
    """Today, yesterday, and so on."""
    return [today - timedelta(days=number) for number in range(10)]


def test_should_import_an_export(
    run: Run, backend: MemoryBackend, tmp_path: Path
) -> None:
    (tmp_path / "old").write_bytes(CSV)

    outcome = run("import", str(tmp_path / "old"))

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "old: page-tracker CSV, 42 views",
        "example.com: 42 views of 2 pages",
        "Imported.",
    ]
    assert views(backend, BLOG, ABOUT) == [40, 2]


@pytest.mark.parametrize(
    "content", [CSV, in_json({"page": "example.com/", "views": 5})]
)
def test_should_not_double_the_counts_of_a_site(
    run: Run, backend: MemoryBackend, today: date, content: bytes
) -> None:
    backend.record(View(BLOG, today))

    outcome = run("import", "-", piped=content)

    assert refusal(outcome) == (
        "example.com already has counts; allowed: --add, to add those in the file to "
        "them, or --replace, to replace those of the pages in the file"
    )
    assert outcome.out == ""
    assert views(backend, BLOG, ABOUT) == [1, 0]


def test_should_add_to_the_counts_of_a_site(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    backend.record(View(BLOG, today))

    assert run("import", "--add", "-", piped=CSV).out.endswith("\nImported.\n")

    assert views(backend, BLOG, ABOUT) == [41, 2]


def test_should_replace_the_counts_of_the_pages_in_the_file(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    other = Page("example.com", "/other")
    for page in (BLOG, other):
        backend.record(View(page, today))

    for _ in range(2):
        run("import", "--replace", "-", piped=CSV)
        backend.record(View(BLOG, today))

    assert views(backend, BLOG, ABOUT, other) == [41, 2, 1]
    assert backend.sites(today)[0].views == 44


def test_should_not_replace_by_a_file_without_totals(
    run: Run, days: list[date]
) -> None:
    outcome = run(
        "import", "--replace", "-", piped=increment(("example.com/", 1, days[0]))
    )

    assert refusal(outcome).startswith(
        "standard input (page-tracker JSON with --since) does not have the totals of "
        "pages, so it cannot replace counts; allowed: --add, or --from and --until"
    )


def test_should_sum_totals_from_days_unless_the_file_has_totals(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    run("import", "-", piped=increment(*(("example.com/blog", 2, d) for d in days)))

    assert views(backend, BLOG) == [20]
    assert days_of(backend, *days) == [2] * 10

    entries = [
        {"page": "other.example/", "views": 9},
        {"page": "other.example/", "views": 2, "day": str(days[1])},
    ]
    run("import", "-", piped=in_json(*entries))

    assert views(backend, Page("other.example", "/")) == [9]


def test_should_restore_all_that_an_export_contains(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    for number, page in enumerate([BLOG, ABOUT, BLOG, FRONT_PAGE]):
        backend.record(View(page, days[number], f"visitor {number}"))
    backend.record(View(BLOG, days[0], "another"))
    backend.record(View(BLOG, days[1], None, Ignored.CRAWLER))
    backend.set_views(ABOUT, 100)
    before = run("export", "--format", "json").out
    for site in ("example.com", "/"):
        run("delete", site, "--yes")

    assert run("import", "-", piped=before.encode()).code == 0

    assert run("export", "--format", "json").out == before
    assert run("import", "-", piped=before.encode()).out.splitlines()[-1] == AGAIN
    assert run("export", "--format", "json").out == before


def test_should_bring_an_older_export_up_to_date_with_an_increment(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    for day in days[2:]:
        backend.record(View(BLOG, day, "visitor"))
    older = run("export", "--format", "json").out
    for day in days[:2]:
        backend.record(View(BLOG, day, "visitor"))
        backend.record(View(ABOUT, day, None, Ignored.PREFETCH))
    since = ["--format", "json", "--since", str(days[1])]
    newer, all_counts = run("export", *since).out, run("export", "--format", "json").out
    run("delete", "example.com", "--yes")

    assert run("import", "-", piped=older.encode()).code == 0
    assert run("import", "-", piped=newer.encode()).code == 0

    assert run("export", "--format", "json").out == all_counts


def test_should_import_the_same_content_only_once(
    run: Run, backend: MemoryBackend, tmp_path: Path, days: list[date]
) -> None:
    rows = [("example.com/blog", 2, day) for day in days] + [("a.example/", 1, days[0])]
    contents = [
        increment(*rows),
        increment(*reversed(rows)),
        increment(*rows[5:], ("example.com/blog", 0, days[3]), *rows[:5]),
        gzip.compress(increment(*rows)),
        bz2.compress(increment(*rows)),
    ]
    outcomes = [run("import", "-", piped=content) for content in contents]
    for name, part in (("1", rows[:3]), ("2", rows[3:])):
        (tmp_path / name).write_bytes(increment(*part))
    outcomes.append(run("import", str(tmp_path / "2"), str(tmp_path / "1")))

    assert {outcome.code for outcome in outcomes} == {0}
    assert [each.out.splitlines()[-1] for each in outcomes] == ["Imported."] + [
        AGAIN
    ] * 5
    assert views(backend, BLOG) == [20]
    as_json = run("import", "--json", "--add", "-", piped=contents[0])
    assert json.loads(as_json.out)["added"] is False


def test_should_import_an_archive(
    run: Run, backend: MemoryBackend, tmp_path: Path, days: list[date]
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a/1.json", increment(("example.com/blog", 3, days[0])))
        archive.writestr("a/2.gz", gzip.compress(increment(("b.example/", 1, days[1]))))
        archive.writestr("a/empty.csv", b"")
        archive.writestr("__MACOSX/._1", b"\0\5\7")

    outcome = run("import", str(tmp_path / "all.zip"))

    assert outcome.out.splitlines() == [
        f"a/1.json: page-tracker JSON with --since, 3 views on {days[0]}",
        f"a/2.gz: page-tracker JSON with --since, 1 view on {days[1]}",
        "a/empty.csv is empty.",
        "__MACOSX/._1 has no known format.",
        f"b.example: 1 view of 1 page on {days[1]}",
        f"example.com: 3 views of 1 page on {days[0]}",
        "Imported.",
    ]
    assert views(backend, BLOG) == [3]


def test_should_refuse_days_that_a_site_already_has(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    for number in (8, 6, 5, 4, 2, 0):
        backend.record(View(BLOG, days[number]))
    rows = [("example.com/blog", 2, day) for day in days]

    assert refusal(run("import", "-", piped=increment(*rows))) == (
        f"example.com already has counts of {days[8]}, {days[6]} to {days[4]}, "
        f"{days[2]}, and 1 more; allowed: --from DAY and --until DAY, to import "
        "other days only, or --add, to add the counts nevertheless; if files share a "
        "day, import them together"
    )
    assert days_of(backend, *days) == [1, 0, 1, 0, 1, 1, 1, 0, 1, 0]

    assert run("import", "-", "--add", piped=increment(*rows)).code == 0
    assert days_of(backend, *days) == [3, 2, 3, 2, 3, 3, 3, 2, 3, 2]


def test_should_import_only_the_wanted_days(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    backend.record(View(BLOG, days[0]))
    backend.record(View(BLOG, days[9]))
    content = increment(*(("example.com/blog", 2, day) for day in days))
    between = ["--from", str(days[8]), "--until", str(days[1])]

    outcome = run("import", "-", *between, piped=content)

    assert days_of(backend, *days) == [1, *[2] * 8, 1]
    assert views(backend, BLOG) == [18]
    assert (
        "  Left out 4 views: its day is not among those of --from and --until"
        in outcome.out.splitlines()
    )
    assert run("import", "-", *between, piped=content).out.splitlines()[-1] == AGAIN


def test_should_not_cut_totals_by_days(run: Run, backend: MemoryBackend) -> None:
    outcome = run("import", "-", "--from", "2026-01-01", piped=CSV)

    assert refusal(outcome) == (
        "standard input: line 2: the views have no day; allowed: a file in which all "
        "views have a day, or no --from and --until"
    )
    assert views(backend, BLOG) == [0]


def test_should_count_old_days_in_totals_only_and_say_so(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    first = today - timedelta(days=RETENTION_DAYS - 1)
    old = first - timedelta(days=1)
    content = increment(
        ("example.com/blog", 1, old - timedelta(days=1)),
        ("example.com/blog", 2, old),
        ("example.com/blog", 4, first),
    )

    outcome = run("import", "-", piped=content)

    assert (
        f"  The views of 2 days before {first} count in the totals only, because the "
        "views of single days are not kept for longer."
    ) in outcome.out.splitlines()
    assert views(backend, BLOG) == [7]
    assert {count.day for count in backend.counts("example.com", today)} == {
        None,
        first,
    }
    assert backend.first_day("example.com", today) == old - timedelta(days=1)


def test_should_refuse_old_days_between_those_of_an_earlier_import(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    old = [today - timedelta(days=RETENTION_DAYS + n) for n in range(5)]
    run("import", "-", piped=increment(*(("example.com/", 1, d) for d in old[1:4:2])))

    refused = run(
        "import", "-", piped=increment(*(("example.com/", 1, d) for d in old))
    )
    until = ["--until", str(old[4])]
    content = increment(*(("example.com/", 1, day) for day in old))
    accepted = run("import", "-", *until, piped=content)

    assert refusal(refused).startswith(
        f"example.com already has counts of {old[3]} to {old[1]}; allowed: --from"
    )
    assert accepted.code == 0
    assert views(backend, Page("example.com", "/")) == [3]


def test_should_leave_out_wrong_names_and_future_days_and_list_them(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    future = today + timedelta(days=2)
    rows = [Views(n, "a b", "/", 1, today) for n in range(2, 7)]
    foreign(
        *rows,
        Views(7, "example.com", "blog", 1, today),
        Views(8, "example.com", "/blog", 1, future),
        Views(9, "https://EXAMPLE.com", "/blog?a#b", 3, today),
        LeftOut(10, "it is a header", number=7),
        Note(11, "This says something."),
    )

    outcome = run("import", "-", piped=b"foreign")

    assert outcome.out.splitlines()[:10] == [
        f"standard input: Foreign export, 3 views on {today}",
        "  Note: This says something.",
        "  Left out 6 views: no page can have its name",
        *(
            f"    line {line}: the host 'a b' is not valid; allowed: a name such as "
            "example.com"
            for line in (2, 3, 4)
        ),
        "  Left out 1 view: its day is in the future",
        f"    line 8: {future}",
        "  Left out 7 rows: it is a header",
        f"example.com: 3 views of 1 page on {today}",
    ]
    assert views(backend, BLOG) == [3]


def test_should_take_the_site_from_the_option(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "", "/blog", 3, today), Visitors(3, "", today, 2))

    refused = run("import", "-", piped=b"foreign")
    accepted = run("import", "-", "--site", "Example.com", piped=b"foreign")

    assert refusal(refused) == (
        "standard input: the file does not say which site it is of; allowed: --site "
        "SITE, such as --site example.com"
    )
    assert accepted.code == 0
    assert "  with the visitors of 1 day" in accepted.out.splitlines()
    assert [(d.views, d.visitors) for d in backend.history("example.com", [today])] == [
        (3, 2)
    ]


def test_should_import_only_the_site_that_the_option_names(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    content = CSV + b"www.example.com/,9\n/,8\n"

    outcome = run("import", "-", "--site", "example.com", piped=content)

    assert (
        "  Left out 17 views: its site is not example.com" in outcome.out.splitlines()
    )
    assert [total.site for total in backend.sites(today)] == ["example.com"]


def test_should_give_a_site_all_rows_if_hosts_stand_for_many(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "www.example.com", "/blog", 3, today), host_is_one_of_many=True)

    run("import", "-", "--site", "example.com", piped=b"foreign")

    assert views(backend, BLOG) == [3]


def test_should_leave_out_sites_that_are_not_counted_in_foreign_files(
    run: Run,
    backend: MemoryBackend,
    today: date,
    foreign: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_SITES", "example.com")
    foreign(
        Views(2, "x.example", "/", 3, today), Views(3, "example.com", "/", 1, today)
    )

    outcome = run("import", "-", piped=b"foreign")

    assert (
        "  Left out 3 views: PAGE_TRACKER_SITES does not name its site\n"
        "    line 2: x.example\n"
    ) in outcome.out
    assert [total.site for total in backend.sites(today)] == ["example.com"]


def test_should_count_visits_only_on_demand(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "example.com", "/blog", 3, today), measure="visits")

    refused = run("import", "-", piped=b"foreign")
    tried = run("import", "-", "--dry-run", piped=b"foreign")
    accepted = run("import", "-", "--count-visits", piped=b"foreign")

    assert refusal(refused) == (
        "standard input (Foreign export) has visits instead of views; allowed: "
        "--count-visits, to count them as views"
    )
    first = f"standard input: Foreign export, 3 visits on {today}"
    assert tried.out.splitlines()[0] == accepted.out.splitlines()[0] == first
    assert views(backend, BLOG) == [3]


def test_should_refuse_undated_views_in_the_span_of_known_days(
    run: Run, backend: MemoryBackend, days: list[date], foreign: Callable[..., None]
) -> None:
    foreign(
        Span(1, "example.com", days[5], days[2]), Views(2, "example.com", "/blog", 7)
    )
    backend.record(View(BLOG, days[1]))

    assert run("import", "-", piped=b"foreign").code == 0
    backend.record(View(BLOG, days[3]))
    foreign(
        Span(1, "example.com", days[5], days[2]), Views(2, "example.com", "/blog", 8)
    )

    assert refusal(run("import", "-", piped=b"foreign")).startswith(
        f"example.com already has counts of {days[3]}; allowed: "
    )
    assert views(backend, BLOG) == [9]


def test_should_only_say_what_it_would_import(
    run: Run, backend: MemoryBackend, days: list[date], tmp_path: Path
) -> None:
    (tmp_path / "counts.json").write_bytes(increment(("example.com/blog", 2, days[0])))
    file = str(tmp_path / "counts.json")

    new = run("import", "--dry-run", file)
    backend.record(View(BLOG, days[0]))
    known = run("import", "--dry-run", file)
    added = run("import", "--dry-run", "--add", "--json", file)

    assert (new.code, new.err) == (0, "")
    assert new.out.splitlines() == [
        f"counts.json: page-tracker JSON with --since, 2 views on {days[0]}",
        f"example.com: 2 views of 1 page on {days[0]}",
        DRY,
    ]
    assert known.out == new.out
    assert refusal(known).startswith(f"example.com already has counts of {days[0]}; ")
    assert added.code == 0
    assert json.loads(added.out)["added"] is False
    assert views(backend, BLOG) == [1]


def test_should_summarize_in_json(run: Run, today: date) -> None:
    entries = [
        {"page": "example.com/blog", "views": 5},
        {"page": "example.com/blog", "views": 3, "day": str(today)},
        {"page": "a b", "views": 3},
        {"site": "example.com", "day": str(today), "visitors": 2},
    ]

    outcome = run("import", "-", "--json", piped=in_json(*entries))

    assert json.loads(outcome.out) == {
        "added": True,
        "files": [
            {
                "file": "standard input",
                "format": "page-tracker",
                "first_day": str(today),
                "last_day": str(today),
                "views": 5,
                "notes": [],
                "left_out": {"no page can have its name": 3},
            }
        ],
        "skipped": {},
        "sites": [
            {
                "site": "example.com",
                "views": 5,
                "pages": 1,
                "days": 1,
                "days_with_visitors": 1,
            }
        ],
    }


@pytest.mark.parametrize(
    "content", [b"page,views\n", in_json(), b"", gzip.compress(b"", mtime=0)]
)
def test_should_say_that_there_is_nothing_to_import(run: Run, content: bytes) -> None:
    outcome = run("import", "-", piped=content)

    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == (
        "Nothing was imported: there is nothing to import."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            CSV + b"example.com/new,many\n",
            "line 4: 'many' is not a number of views; al",
        ),
        (CSV + b"example.com/\0,1\n", "line 4: it contains a NUL byte; allowed: text"),
        (CSV + b"a" * 10_000_000, "line 4: the line is too long; allowed: fewer than "),
        (
            CSV + b"example.com/blog,9007199254740991\n",
            "the views of example.com/blog add up to 9007199254741031; allowed: at mo",
        ),
        (
            gzip.compress(CSV, mtime=0)[:-9],
            "the file is damaged or truncated; allowed: a whole",
        ),
        (b"PK\3\4", "the file is damaged or truncated; allowed: a whole file"),
        (b"hello", "its format is not known; allowed: --format NAME, or a file in on"),
        (
            os.urandom(1000),
            "its format is not known; allowed: --format NAME, or a file",
        ),
    ],
)
def test_should_import_nothing_from_a_wrong_file(
    run: Run, backend: MemoryBackend, today: date, content: bytes, reason: str
) -> None:
    outcome = run("import", "-", piped=content)

    assert refusal(outcome).removeprefix("standard input: ").startswith(reason)
    assert outcome.out == ""
    assert not backend.sites(today)


def test_should_import_nothing_if_one_of_several_files_is_wrong(
    run: Run, backend: MemoryBackend, today: date, tmp_path: Path
) -> None:
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    right.write_bytes(CSV)
    wrong.write_bytes(b"page,views\nexample.com/blog\n")

    outcome = run("import", str(right), str(wrong))

    assert refusal(outcome).startswith(f"{wrong}: line 2: the row has fewer columns")
    assert not backend.sites(today)


def test_should_refuse_a_file_that_is_named_twice(run: Run, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(CSV)
    name = str(tmp_path / "counts.csv")

    outcome = run("import", name, name)

    assert refusal(outcome) == f"{name} is named twice; allowed: each file once"


def test_should_import_nothing_from_a_file_that_changes_meanwhile(
    run: Run,
    backend: MemoryBackend,
    today: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, find = tmp_path / "counts.csv", recognition.recognize
    file.write_bytes(CSV)

    def change_and_find(*arguments: Any) -> Any:
        file.write_bytes(CSV + b"example.com/more,1\n")
        return find(*arguments)

    monkeypatch.setattr("page_tracker.transfer.reading.recognize", change_and_find)

    outcome = run("import", str(file))

    assert refusal(outcome) == (
        f"{file}: the file changed while it was read; allowed: a file that nobody "
        "writes to, such as a copy"
    )
    assert not backend.sites(today)


def test_should_import_nothing_beyond_a_limit(
    run: Run, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = MemoryBackend(limits=Limits(pages_per_site=1))
    monkeypatch.setattr(cli_backend, "open_backend", lambda _url, **_options: limited)

    outcome = run("import", "-", piped=CSV)

    assert outcome.code == 1
    assert outcome.err.startswith("page-tracker: PAGE_TRACKER_MAX_PAGES=1 allows no")
    assert not limited.sites(today)


def test_should_say_that_the_storage_or_the_disk_fails(
    run: Run, backend: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Any:
        raise BackendError("Redis is gone")

    with monkeypatch.context() as patched:
        patched.setattr(backend, "import_counts", fail)
        outcome = run("import", "-", piped=CSV)
        assert (outcome.code, outcome.err) == (1, "page-tracker: Redis is gone\n")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    (tmp_path / "counts.csv").write_bytes(CSV)
    outcome = run("import", str(tmp_path / "counts.csv"))
    assert outcome.code == 1
    assert outcome.err.endswith(": No such file or directory\n")
    assert len(outcome.err.splitlines()) == 1


def test_should_read_a_named_pipe(
    run: Run, backend: MemoryBackend, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[CSV])
    writer.start()

    outcome = run("import", str(pipe))
    writer.join()

    assert outcome.code == 0
    assert views(backend, BLOG) == [40]


def test_should_refuse_a_folder_and_a_missing_file(run: Run, tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "missing"):
        assert refusal(run("import", str(name))).startswith("FILE...: File '")


def test_should_name_the_allowed_formats(run: Run) -> None:
    assert refusal(run("import", "-", "--format", "xls", piped=CSV)).startswith(
        "--format: 'xls' is not allowed; allowed: page-tracker, page-tracker-increment, "
    )
    assert refusal(
        run("import", "-", "--format", "page-tracker", piped=CSV)
    ).startswith("standard input: the JSON is not valid after entry 0: ")


def test_should_refuse_a_bomb_soon(run: Run, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    with bomb.open("wb") as file:
        file.write(gzip.compress(b"page,views\n"))
        # 10 GB in 20 MB.
        file.writelines([gzip.compress(b"x.example/a,1\n" * 700_000)] * 1000)

    outcome = run("import", str(bomb))

    assert "times larger when it is decompressed, like a zip bomb" in refusal(outcome)


def test_should_show_progress_only_on_a_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(CSV)
    name = str(tmp_path / "counts.csv")

    shown = run("import", name, tty="stderr").err

    assert "Reading" in shown and "Importing" in shown and "100%" in shown
    assert run("import", "--add", name).err == ""
