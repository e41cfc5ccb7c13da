"""page-tracker import: files of every kind, right and wrong."""

import gzip
import json
import os
import threading
import zipfile
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from zipfile import ZipFile

import pytest

from page_tracker import BackendError, Limits, MemoryBackend, View
from page_tracker.cli import backend as cli_backend
from page_tracker.transfer import recognition
from tests.unit.cli.conftest import Run
from tests.unit.cli.importing import (
    ABOUT,
    BLOG,
    CSV,
    DRY,
    in_json,
    increment,
    refusal,
    views,
)


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


def test_should_import_only_the_site_that_the_option_names(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    content = CSV + b"www.example.com/,9\n/,8\n"

    outcome = run("import", "-", "--site", "example.com", piped=content)

    assert (
        "  Left out 17 views: its site is not example.com\n"
        "    line 4: www.example.com\n"
        "    line 5: /\n"
    ) in outcome.out
    assert [total.site for total in backend.sites(today)] == ["example.com"]


def test_should_refuse_to_choose_among_several_sites(run: Run) -> None:
    sites = ["--site", "example.com", "--site", "example.org"]

    assert refusal(run("import", "-", *sites, piped=CSV)) == (
        "--site: there are several; allowed: one site, or all sites"
    )


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
        {"site": "example.com", "referrer": "bbc.co.uk", "views": 2},
        {"site": "example.com", "referrer": "*", "views": 1},
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
                "referrers": 1,
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


def test_should_refuse_the_same_content_twice(
    run: Run, backend: MemoryBackend, today: date, tmp_path: Path
) -> None:
    plain, packed = tmp_path / "counts.csv", tmp_path / "counts.csv.gz"
    archive = tmp_path / "counts.zip"
    plain.write_bytes(CSV)
    packed.write_bytes(gzip.compress(CSV))
    with ZipFile(archive, "w") as opened:
        opened.writestr("a/counts", CSV)

    for other in (plain, packed, archive):
        outcome = run("import", str(plain), str(other))

        assert refusal(outcome) == (
            f"{other}: it has the same content as counts.csv; allowed: each file once"
        )
        assert not backend.sites(today)


def test_should_accept_files_without_content(run: Run, tmp_path: Path) -> None:
    files = [tmp_path / "1.log", tmp_path / "2.log", tmp_path / "counts.csv"]
    for file, content in zip(files, (b"", b"", CSV), strict=True):
        file.write_bytes(content)

    assert run("import", *map(str, files)).code == 0


def test_should_refuse_a_span_that_ends_before_it_begins(run: Run) -> None:
    span = ["--from", "2026-11-23", "--until", "2026-11-22"]

    assert refusal(run("import", "-", *span, piped=CSV)).startswith("--from is after")


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
    assert outcome.err.endswith("; nothing was imported\n")
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


def test_should_say_that_temporary_files_do_not_fit(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_full(*_: object, **__: object) -> Any:
        # pylint: disable-next=consider-using-with  # the command closes it
        return open("/dev/full", "w+b", buffering=2**16)

    monkeypatch.setattr("tempfile.TemporaryFile", open_full)
    (tmp_path / "counts.csv").write_bytes(CSV)

    outcome = run("import", str(tmp_path / "counts.csv"))

    assert outcome.code == 1
    assert outcome.err == (
        f"page-tracker: {gettempdir()} has no space left for temporary files; allowed: "
        "another folder, named by the variable TMPDIR\n"
    )


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
        "--format: 'xls' is not allowed; allowed: page-tracker, page-tracker-increment"
    )
    assert refusal(
        run("import", "-", "--format", "page-tracker", piped=CSV)
    ).startswith("standard input: the JSON is not valid after entry 0: ")


def test_should_refuse_a_bomb_soon(run: Run, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    with bomb.open("wb") as file:
        file.write(gzip.compress(b"page,views\n"))
        # 10 GB in 22 MB. With short lines, reading them would take seconds.
        line = b"x.example/" + b"a" * 1_000 + b",1\n"
        file.writelines([gzip.compress(line * 10_000)] * 1000)

    outcome = run("import", str(bomb))

    assert "times larger when it is decompressed, like a zip bomb" in refusal(outcome)


def test_should_show_progress_only_on_a_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(CSV)
    name = str(tmp_path / "counts.csv")

    shown = run("import", name, tty="stderr").err

    assert "Reading" in shown and "Importing" in shown and "100%" in shown
    assert run("import", "--add", name).err == ""
