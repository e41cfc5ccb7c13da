"""page-tracker import."""

import json
import os
import threading
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from page_tracker import Count, Limits, MemoryBackend, Page, View
from page_tracker.cli import backend as cli_backend
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS
from tests.unit.cli.conftest import Run

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")
CSV = b"page,views\nexample.com/blog,40\nhttps://example.com/about?a,2\n"
SAME = "Nothing was imported: these counts have been added before.\n"


def in_json(*counts: tuple[str, int, date | None]) -> bytes:
    """Return a JSON export of these counts."""
    entries = [
        {"page": page, "views": views} | ({"day": day.isoformat()} if day else {})
        for page, views, day in counts
    ]
    head = {"format": "page-tracker", "version": 1}
    return json.dumps(head | {"counts": entries}).encode()


def views(backend: MemoryBackend, *pages: Page) -> list[int]:
    """Return the total views of each of these pages."""
    return [backend.tally(page, date.min).page_views for page in pages]


def test_should_add_the_views_in_the_file(
    run: Run, backend: MemoryBackend, today: date, tmp_path: Path
) -> None:
    backend.record(View(BLOG, today))
    (tmp_path / "old").write_bytes(CSV)

    outcome = run("import", str(tmp_path / "old"))

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "Imported 2 page totals and 0 daily counts.\n"
    assert views(backend, BLOG, ABOUT) == [41, 2]


def test_should_replace_the_views_of_the_pages_in_the_file(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    other = Page("example.com", "/other")
    for page in (BLOG, other):
        backend.record(View(page, today))

    run("import", "--replace", "-", piped=CSV)

    assert views(backend, BLOG, ABOUT, other) == [40, 2, 1]
    assert backend.sites(today)[0].views == 43


def test_should_add_daily_views(run: Run, backend: MemoryBackend, today: date) -> None:
    export = in_json(("example.com/blog", 5, None), ("example.com/blog", 3, today))

    outcome = run("import", "-", "--json", piped=export)

    assert json.loads(outcome.out) == {
        "added": True,
        "pages": 1,
        "days": 1,
        "left_out": 0,
    }
    (total,) = backend.sites(today)
    assert (total.views, total.views_today) == (5, 3)


def test_should_leave_out_days_that_are_too_old_and_say_so(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    first = today - timedelta(days=RETENTION_DAYS - 1)
    export = in_json(
        ("example.com/blog", 9, None),
        ("example.com/blog", 1, first - timedelta(days=1)),
        ("example.com/blog", 2, first),
        ("example.com/blog", 3, today),
    )

    outcome = run("import", "-", piped=export)

    assert outcome.out == (
        "Imported 1 page total and 2 daily counts. "
        "Left out 1 daily count from more than 400 days ago.\n"
    )
    assert {count.day for count in backend.counts("example.com", today)} == {
        None,
        first,
        today,
    }


def test_should_restore_an_export(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    for days, page in enumerate([BLOG, ABOUT, BLOG, FRONT_PAGE]):
        backend.record(View(page, today - timedelta(days=days)))
    before = run("export", "--format", "json").out
    for site in ("example.com", "/"):
        run("delete", site, "--yes")

    run("import", "-", piped=before.encode())

    assert run("export", "--format", "json").out == before


def test_should_add_the_same_counts_only_once(run: Run, backend: MemoryBackend) -> None:
    outcomes = [run("import", "-", piped=CSV) for _ in range(2)]
    # Only the counts matter, and not how the file is encoded.
    outcomes.append(run("import", "-", piped=CSV.replace(b"page", b"\xef\xbb\xbfpage")))
    assert [outcome.out == SAME for outcome in outcomes] == [False, True, True]
    assert {outcome.code for outcome in outcomes} == {0}
    assert json.loads(run("import", "-", "--json", piped=CSV).out)["added"] is False
    assert views(backend, BLOG) == [40]

    run("import", "-", piped=CSV.replace(b"40", b"2"))
    assert views(backend, BLOG) == [42]


def test_should_replace_by_the_same_counts_each_time(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    for _ in range(2):
        run("import", "-", "--replace", piped=CSV)
        backend.record(View(BLOG, today))

    assert views(backend, BLOG) == [41]


@pytest.mark.parametrize("content", [b"page,views\n", in_json()])
def test_should_say_that_a_file_is_empty(run: Run, content: bytes) -> None:
    outcome = run("import", "-", piped=content)

    assert outcome.code == 0
    assert outcome.out == "The file has no counts to import.\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CSV + b"example.com/new,many\n", "line 4: views 'many' is not valid; allowed"),
        (in_json(("example.com/", 1, None), ("?", 1, None)), "entry 2: page '?': "),
        (
            in_json(("a.example/", 1, date(2999, 1, 1))),
            "entry 1: day '2999-01-01' is not",
        ),
    ],
)
def test_should_import_nothing_from_a_file_with_an_error(
    run: Run, backend: MemoryBackend, today: date, content: bytes, reason: str
) -> None:
    outcome = run("import", "-", piped=content)

    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"page-tracker: {reason}")
    assert not backend.sites(today)


def test_should_import_nothing_from_a_file_that_changes_meanwhile(
    run: Run,
    backend: MemoryBackend,
    today: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, add = tmp_path / "counts.csv", backend.add_counts
    file.write_bytes(CSV)

    def change_and_add(counts: Iterable[Count], **options: object) -> bool:
        file.write_bytes(CSV.replace(b"40", b"41"))
        return add(counts, **options)  # type: ignore[arg-type]  # unchanged

    monkeypatch.setattr(backend, "add_counts", change_and_add)

    outcome = run("import", str(file))

    assert outcome.code == 2
    assert outcome.err == (
        "page-tracker: the file changed while it was read; nothing was imported\n"
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
        outcome = run("import", str(name))

        assert outcome.code == 2
        assert outcome.err.startswith(f"page-tracker: FILE: '{name}': ")


def test_should_show_progress_only_on_a_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(CSV)
    name = str(tmp_path / "counts.csv")

    shown = run("import", name, tty="stderr").err

    assert "Checking" in shown and "Importing" in shown and "100%" in shown
    assert run("import", name).err == ""
