"""page-tracker import: counts that are there already, and days."""

import bz2
import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from page_tracker import Ignored, MemoryBackend, Page, View
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS
from tests.unit.cli.conftest import Run
from tests.unit.cli.importing import (
    ABOUT,
    AGAIN,
    BLOG,
    CSV,
    days_of,
    in_json,
    increment,
    refusal,
    views,
)


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


def test_should_refuse_old_days_that_the_tracker_itself_has_counted(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    old = [today - timedelta(days=RETENTION_DAYS + n) for n in range(3)]
    backend.record(View(BLOG, old[1]))

    later = run("import", "-", piped=increment(("example.com/blog", 2, old[0])))
    earlier = run("import", "-", piped=increment(("example.com/blog", 4, old[2])))

    assert refusal(later).startswith(f"example.com already has counts of {old[0]}; ")
    assert earlier.code == 0
    assert views(backend, BLOG) == [5]


def test_should_refuse_old_days_that_an_export_contains_in_its_totals(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    old = [today - timedelta(days=RETENTION_DAYS + n) for n in range(3)]
    export = in_json(
        {"site": "example.com", "first_day": str(old[1])},
        {"page": "example.com/blog", "views": 3},
    )
    run("import", "-", piped=export)

    later = run("import", "-", piped=increment(("example.com/blog", 2, old[0])))
    earlier = run("import", "-", piped=increment(("example.com/blog", 4, old[2])))

    assert refusal(later).startswith(f"example.com already has counts of {old[0]}; ")
    assert earlier.code == 0
    assert views(backend, BLOG) == [7]


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
