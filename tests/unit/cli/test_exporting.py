"""page-tracker export."""

import json
import os
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from page_tracker import BackendError, Count, Ignored, MemoryBackend, Page, View
from page_tracker.counting.model import FRONT_PAGE
from tests.unit.cli.conftest import Run

BLOG, OTHER = Page("example.com", "/blog"), Page("other.example", "/é%2C,")
CSV = "page,views\nexample.com/blog,2\n"


@pytest.fixture(autouse=True)
def fixture_counts(backend: MemoryBackend, today: date) -> None:
    """Two views of a page."""
    backend.record(View(BLOG, today - timedelta(days=1), "visitor"))
    backend.record(View(BLOG, today, "visitor"))


def test_should_write_csv_to_standard_output(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    backend.record(View(FRONT_PAGE, today))

    outcome = run("export")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{CSV}/,1\n"


def test_should_write_all_that_is_kept_as_json(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    yesterday, site = today - timedelta(days=1), BLOG.site
    for reason in (Ignored.CRAWLER, Ignored.CRAWLER, Ignored.PREFETCH):
        backend.record(View(BLOG, today, None, reason))
    backend.record(View(FRONT_PAGE, today))
    backend.set_views(BLOG, 5)

    outcome = run("export", "--format", "json")

    assert json.loads(outcome.out) == {
        "format": "page-tracker",
        "version": 2,
        "counts": [
            {"site": site, "first_day": str(yesterday)},
            {"page": "example.com/blog", "views": 5},
            {"page": "example.com/blog", "views": 1, "day": str(yesterday)},
            {"page": "example.com/blog", "views": 1, "day": str(today)},
            {"site": site, "day": str(yesterday), "visitors": 1},
            {
                "site": site,
                "day": str(today),
                "visitors": 1,
                "ignored": {"crawler": 2, "prefetch": 1},
            },
            {"site": "/", "first_day": str(today)},
            {"page": "/", "views": 1},
            {"page": "/", "views": 1, "day": str(today)},
        ],
    }
    assert len(outcome.out.splitlines()) == 9 + 2


def test_should_write_the_referrers_of_all_time_and_of_each_day(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    backend.record(View(BLOG, today, referrer="b.example"))
    backend.record(View(BLOG, today, referrer="a.example"))

    entries = json.loads(run("export", "--format", "json").out)
    increment = json.loads(run("export", "--since", str(today), "--format", "json").out)

    of_all_time = [
        {"site": BLOG.site, "referrer": name, "views": 1}
        for name in ("a.example", "b.example")
    ]
    of_today = [entry | {"day": str(today)} for entry in of_all_time]
    assert (entries["version"], entries["counts"][-4:]) == (3, of_all_time + of_today)
    assert increment["counts"][-2:] == of_today
    assert all("day" in entry for entry in increment["counts"])


def test_should_write_an_increment(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    backend.record(View(BLOG, today - timedelta(days=1), None, Ignored.CRAWLER))

    outcome = run("export", "--format", "json", "--since", str(today))

    assert json.loads(outcome.out) == {
        "format": "page-tracker",
        "version": 2,
        "since": str(today),
        "counts": [
            {"page": "example.com/blog", "views": 1, "day": str(today)},
            {"site": "example.com", "day": str(today), "visitors": 1},
        ],
    }
    future = str(today + timedelta(days=9))
    assert not json.loads(run("export", "--format", "json", "--since", future).out)[
        "counts"
    ]


def test_should_write_increments_only_in_json(run: Run, tmp_path: Path) -> None:
    since = ["--since", "2026-11-01"]

    assert run("export", str(tmp_path / "new.json"), *since).code == 0
    for options in ([], ["--format", "csv"], [str(tmp_path / "new.csv")]):
        outcome = run("export", *options, *since)

        assert outcome.code == 2
        assert outcome.err == (
            "page-tracker: --since needs JSON; allowed: --format json\n"
        )
    assert run("export", "--since", "1.11.2026").err == (
        "page-tracker: --since: '1.11.2026' is not a day; allowed: a date such as "
        "2026-11-23\n"
    )


@pytest.mark.parametrize(
    ("name", "options", "begin"),
    [
        ("counts.json", [], "{"),
        ("counts.JSON", [], "{"),
        ("counts.csv", [], "page"),
        ("counts", [], "page"),
        ("counts.csv", ["--format", "json"], "{"),
        ("counts.json", ["--format", "csv"], "page"),
    ],
)
def test_should_take_the_format_from_the_option_or_the_name(
    run: Run, tmp_path: Path, name: str, options: list[str], begin: str
) -> None:
    outcome = run("export", str(tmp_path / name), *options)

    assert (outcome.code, outcome.out) == (0, "")
    assert (tmp_path / name).read_text().startswith(begin)
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_should_write_only_the_given_site(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    backend.record(View(OTHER, today))

    assert run("export", "--site", "Other.example").out == (
        'page,views\n"other.example/é%2C,",1\n'
    )


def test_should_refuse_an_unknown_site(run: Run, tmp_path: Path) -> None:
    outcome = run("export", "--site", "x.example", str(tmp_path / "counts.csv"))

    assert outcome.code == 1
    assert outcome.err == "page-tracker: x.example is not known: it has no counts\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("failure", "code"),
    [(BackendError("Redis is gone"), 1), (KeyboardInterrupt(), 130)],
)
def test_should_keep_the_last_export_when_the_next_one_fails(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    code: int,
) -> None:
    def some(*_: object) -> Iterator[Count]:
        yield Count(BLOG, 1)
        raise failure

    monkeypatch.setattr(MemoryBackend, "counts", some)
    last = tmp_path / "counts.csv"
    last.write_text("the last one")

    outcome = run("export", str(last))

    assert outcome.code == code
    assert len(outcome.err.strip().splitlines()) == 1
    assert last.read_text() == "the last one"
    assert list(tmp_path.iterdir()) == [last]


def test_should_write_to_the_target_of_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "counts.csv")

    run("export", str(tmp_path / "link.csv"))

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "counts.csv").read_text() == CSV


def test_should_write_to_a_named_pipe_and_keep_it(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    run("export", str(pipe))
    reader.join()

    assert read == [CSV]
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["missing/counts.csv", "counts.csv/counts.csv"])
def test_should_say_that_a_file_cannot_be_written(
    run: Run, tmp_path: Path, name: str
) -> None:
    (tmp_path / "counts.csv").touch()

    outcome = run("export", str(tmp_path / name))

    assert outcome.code == 1
    assert outcome.err.startswith(f"page-tracker: cannot write {tmp_path / name}:")
    assert outcome.err.endswith(
        "; allowed: a writable folder, or - for standard output\n"
    )


def test_should_refuse_a_folder_and_an_unknown_format(run: Run, tmp_path: Path) -> None:
    assert run("export", str(tmp_path)).err.startswith("page-tracker: FILE: ")
    assert run("export", "--format", "xml").err == (
        "page-tracker: --format: 'xml' is not one of 'csv', 'json', 'goatcounter'.\n"
    )


def test_should_show_progress_only_on_a_terminal(run: Run, tmp_path: Path) -> None:
    to_file = str(tmp_path / "counts.csv")

    assert "Exporting" in run("export", to_file, tty="stderr stdout").err
    assert "Exporting" in run("export", tty="stderr").err
    # Here, the terminal shows the counts themselves.
    assert "Exporting" not in run("export", tty="stderr stdout").err
    assert run("export", to_file).err == ""
