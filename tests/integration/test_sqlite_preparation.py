"""Checks before a server counts in a SQLite file, and permissions of its files."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE

import apsw
import pytest

from page_tracker import BackendError, View
from page_tracker.backends.maintenance import storage_exists
from page_tracker.backends.sqlite import file_system
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.preparation import check, prepare
from page_tracker.backends.sqlite.url import path_of
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY

# Python 3.12 warns about a fork while threads run. Here, they are idle.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

USER = 10001
"""The ID of a user who owns nothing."""

ELSEWHERE = Path("/elsewhere")


@pytest.fixture(name="folder")
def fixture_folder() -> Iterator[Path]:
    """A folder that every user can read. Those of pytest are for their owner only."""
    # Another user may not enter the folder that TMPDIR names.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def as_another_user(action: Callable[[], object]) -> str:
    """Run an action as a user who is not root. Return the text of its BackendError."""

    def run() -> None:
        # Permissions do not limit root.
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)
        try:
            action()
            texts.put("")
        except BackendError as error:
            texts.put(str(error))

    forking = multiprocessing.get_context("fork")
    texts = forking.SimpleQueue()
    process = forking.Process(target=run, daemon=True)
    process.start()
    process.join(20)
    assert process.exitcode == 0
    text: str = texts.get()
    return text


def refusal(path: Path, data_folder: Path = ELSEWHERE) -> str:
    """Return why another user cannot count in this file."""
    return as_another_user(lambda: prepare(path, data_folder))


def test_should_create_the_file_in_an_existing_folder(tmp_path: Path) -> None:
    prepare(tmp_path / "counts.db", ELSEWHERE)

    assert os.listdir(tmp_path) == ["counts.db"]


def test_should_create_the_data_folder_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "share" / "page-tracker"

    prepare(data / "counts.db", data)
    prepare(data / "counts.db", data)

    assert S_IMODE(data.stat().st_mode) == 0o700


def test_should_create_the_data_folder_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("home")
    path = path_of(f"sqlite:{tmp_path}/link/page-tracker/counts.db")

    prepare(path, tmp_path / "link" / "page-tracker")

    assert (tmp_path / "home" / "page-tracker" / "counts.db").is_file()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_should_create_files_for_their_owner_only(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        backend = SqliteBackend(tmp_path / "counts.db")
        backend.record(View(FRONT_PAGE, DAY))
    finally:
        os.umask(before)

    modes = {each.name: S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {
        "counts.db": 0o600,
        "counts.db-lock": 0o600,
        "counts.db-shm": 0o600,
        "counts.db-wal": 0o600,
    }


def test_should_not_create_another_folder(folder: Path) -> None:
    path = folder / "missing" / "counts.db"

    text = refusal(path)

    assert f"cannot write to {path.parent}: No such file or directory; allowed:" in text


def test_should_refuse_a_folder_that_is_a_file(folder: Path) -> None:
    (folder / "file").touch()

    text = refusal(folder / "file" / "counts.db")

    assert f"cannot write to {folder}/file: it is not a folder; allowed:" in text


def test_should_refuse_a_folder_of_another_user(folder: Path) -> None:
    folder.chmod(0o555)

    text = refusal(folder / "counts.db")

    assert f"cannot write to {folder}: the permission is missing; allowed:" in text
    assert f"chown {USER if os.geteuid() == 0 else os.geteuid()} {folder}" in text
    assert not os.listdir(folder)


def test_should_refuse_a_folder_in_a_closed_folder(folder: Path) -> None:
    path = folder / "closed" / "data" / "counts.db"
    path.parent.mkdir(parents=True)
    path.parent.parent.chmod(0o000)

    text = refusal(path)

    path.parent.parent.chmod(0o700)
    assert f"the permission for {path.parent.parent} is missing; allowed:" in text
    assert "chown" not in text


@pytest.mark.parametrize("action", [prepare, check])
def test_should_refuse_a_data_folder_that_cannot_be_created(
    folder: Path, action: Callable[[Path, Path], None]
) -> None:
    folder.chmod(0o555)
    data = folder / "new" / "page-tracker"

    text = as_another_user(lambda: action(data / "counts.db", data))

    assert f"cannot write to {data}: the permission for {folder} is missing" in text
    assert f"create {data} so that the user " in text and "chown" not in text


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-lock"])
def test_should_refuse_files_that_cannot_be_written(folder: Path, ending: str) -> None:
    folder.chmod(0o777)
    file = folder / f"counts.db{ending}"
    file.touch(0o444)

    text = refusal(folder / "counts.db")

    assert f"cannot write to {file}: the permission is missing; allowed:" in text


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-lock"])
def test_should_refuse_a_file_that_is_a_folder(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"counts.db{ending}").mkdir()

    with pytest.raises(
        BackendError, match=f"counts.db{ending}: it is not a file; allow"
    ):
        prepare(tmp_path / "counts.db", ELSEWHERE)


def test_should_refuse_a_file_system_that_machines_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / {tmp_path} rw - nfs4 server:/counts rw\n")
    monkeypatch.setattr(file_system, "_MOUNTS", mounts)

    with pytest.raises(BackendError, match="type nfs4, .*; allowed: a disk of this"):
        prepare(tmp_path / "counts.db", ELSEWHERE)
    with pytest.raises(BackendError, match="type nfs4"):
        SqliteBackend(tmp_path / "counts.db").record(View(FRONT_PAGE, DAY))

    assert not (tmp_path / "counts.db").exists()


def test_should_refuse_a_version_of_sqlite_that_may_lose_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")

    with pytest.raises(BackendError, match="SQLite 3.51.2 may lose.*3.51.3 or later"):
        prepare(tmp_path / "counts.db", ELSEWHERE)


def test_should_find_a_file_only_if_it_exists(folder: Path) -> None:
    (folder / "file").touch()

    assert storage_exists(f"sqlite:{folder}/file")
    assert not storage_exists(f"sqlite:{folder}/missing")
    assert not storage_exists(f"sqlite:{folder}/missing/counts.db")
    assert not storage_exists(f"sqlite:{folder}/file/counts.db")


def test_should_not_say_that_a_file_of_another_user_is_missing(folder: Path) -> None:
    (folder / "closed").mkdir(0o000)

    def record() -> None:
        url = f"sqlite:{folder}/closed/counts.db"
        assert storage_exists(url)
        SqliteBackend(folder / "closed" / "counts.db").record(View(FRONT_PAGE, DAY))

    assert "the file of the counts cannot be" in as_another_user(record)


def test_should_leave_files_of_root_to_the_owner_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The change of the owner is recorded, because only root may make it.
    changes = list[tuple[int, int]]()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        os, "fchown", lambda _, user, group: changes.append((user, group))
    )

    SqliteBackend(tmp_path / "counts.db").record(View(FRONT_PAGE, DAY))

    status = tmp_path.stat()
    assert changes == [(status.st_uid, status.st_gid)] * 2
