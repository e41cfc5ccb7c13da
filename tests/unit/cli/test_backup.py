"""page-tracker backup, and commands with a SQLite file that is missing."""

import os
from pathlib import Path

import pytest

from page_tracker import View, open_backend
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY
from tests.unit.cli.conftest import Run


@pytest.fixture(name="url")
def fixture_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a file that the commands use, and that does not exist yet."""
    url = f"sqlite:{tmp_path}/counts.db"
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("PAGE_TRACKER_BACKEND", url)
    return url


@pytest.fixture(name="counted")
def fixture_counted(run: Run, url: str) -> None:  # pylint: disable=unused-argument
    """A view in the file."""
    open_backend(url).record(View(FRONT_PAGE, DAY))


@pytest.mark.usefixtures("counted")
def test_should_write_all_counts(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"

    outcome = run("backup", str(target))

    assert (outcome.code, outcome.out, outcome.err) == (0, f"Wrote {target}.\n", "")
    assert open_backend(f"sqlite:{target}").tally(FRONT_PAGE, DAY).site_views == 1


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        (
            "missing/b.db",
            1,
            "cannot write {0}: No such file or directory; allowed: another "
            "folder, such as {1}\n",
        ),
        ("-", 2, "a backup is not written to a pipe; allowed: a file"),
        ("counts.db", 1, "a backup must not replace the counts themselves; name anoth"),
        ("", 2, "FILE: File '{}' is a directory."),
    ],
)
def test_should_say_in_one_line_why_it_writes_nothing(
    run: Run, tmp_path: Path, name: str, code: int, reason: str
) -> None:
    before = sorted(os.listdir(tmp_path))

    outcome = run("backup", name if name == "-" else str(tmp_path / name))

    assert outcome.code == code
    assert outcome.err.startswith(
        f"page-tracker: {reason.format(tmp_path / name, tmp_path)}"
    )
    assert outcome.err.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == before


def test_should_require_a_file(run: Run) -> None:
    outcome = run("backup")

    assert (outcome.code, outcome.err) == (2, "page-tracker: FILE is missing\n")


def test_should_refuse_a_redis(run: Run, tmp_path: Path) -> None:
    outcome = run("backup", str(tmp_path / "backup.db"))

    assert outcome.code == 1
    assert "these counts are in Redis; allowed: page-tracker export" in outcome.err
    assert not os.listdir(tmp_path)


def test_should_refuse_counts_in_memory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "memory://")

    outcome = run("backup", str(tmp_path / "backup.db"))

    assert outcome.code == 2
    assert "commands cannot read counts in memory" in outcome.err
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("top",),
        ("show", "example.com/"),
        ("export",),
        ("delete", "example.com", "--yes"),
        ("backup", "/elsewhere/backup.db"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_should_say_that_there_are_no_counts(
    run: Run, url: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outcome = run(*arguments)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        f"page-tracker: there are no counts: SQLite at {url.removeprefix('sqlite:')} "
        "does not exist (set by PAGE_TRACKER_BACKEND); allowed: --backend URL, as the "
        "server has it\n"
    )
    assert not os.listdir(tmp_path)
