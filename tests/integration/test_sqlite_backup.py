"""Backups of the SQLite file."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from stat import S_IMODE

import apsw
import pytest

from page_tracker import BackendError, Ignored, Limits, Page, Rules, View
from page_tracker.backends.sqlite import backup
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.backup import back_up
from page_tracker.backends.sqlite.database import Database
from tests.contract_owner import TODAY
from tests.integration.test_command_line import counting
from tests.servers import wait_until

SITE = "a.example"


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """A file with counts, also of visitors, repeats and ignored views."""
    path = tmp_path / "counts.db"
    backend = SqliteBackend(path, limits=Limits(repeats_s=3600))
    for number in range(100):
        page = Page(SITE, f"/{number % 10}")
        backend.record(View(page, TODAY, f"visitor {number}"))
    backend.record(View(Page(SITE, "/"), TODAY, None, Ignored.CRAWLER))
    return path


@pytest.fixture(name="target")
def fixture_target(tmp_path: Path) -> Path:
    """The backup, in a folder of its own."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "counts.db"


def everything(path: Path) -> list[object]:
    """Return all that the owner sees of the counts in a file."""
    backend = SqliteBackend(path)
    return [
        backend.sites(TODAY),
        backend.history(SITE, [TODAY]),
        backend.ignored(SITE, [TODAY]),
        sorted(backend.counts(SITE, TODAY), key=str),
    ]


def salts(path: Path) -> list[bytes]:
    """Return all salts in a file."""
    with closing(Database(path)) as database:
        return [salt for (salt,) in database.use(lambda c: list(c.execute(SALTS)))]


SALTS = "SELECT salt FROM salt"


def test_should_have_all_counts(file: Path, target: Path) -> None:
    back_up(file, target)

    assert everything(target) == everything(file)
    assert os.listdir(target.parent).count("counts.db") == 1


def test_should_have_no_salts_and_no_pseudonyms(file: Path, target: Path) -> None:
    (salt,) = salts(file)
    with closing(apsw.Connection(str(file))) as connection:
        pseudonyms = [
            number.to_bytes(8, "big", signed=True)
            for (number,) in connection.execute("SELECT pseudonym FROM visitor")
        ]
    log = file.with_name("counts.db-wal").read_bytes()
    assert salt in log and all(pseudonym in log for pseudonym in pseudonyms)

    back_up(file, target)

    content = target.read_bytes()
    assert salt not in content
    assert len(pseudonyms) == 100
    for pseudonym in pseudonyms:
        assert pseudonym not in content


def test_should_be_one_file_for_its_owner_only(file: Path, target: Path) -> None:
    back_up(file, target)

    assert os.listdir(target.parent) == [target.name]
    assert S_IMODE(target.stat().st_mode) == 0o600


def test_should_be_consistent_while_views_are_counted(tmp_path: Path) -> None:
    page, backend = Page(SITE, "/"), SqliteBackend(tmp_path / "counts.db")
    with counting(backend, page) as numbers:
        wait_until(lambda: numbers, "the first view")
        for number in range(10):
            target = tmp_path / f"backup {number}"
            earlier = len(numbers)
            back_up(tmp_path / "counts.db", target)
            later = len(numbers) + 1

            copy = SqliteBackend(target)
            of_all_time, of_day = list(copy.counts(SITE, TODAY))
            assert earlier <= of_all_time.views <= later
            assert of_all_time.views == of_day.views
            assert copy.tally(page, Rules().today()).site_views == of_day.views

    assert numbers == list(range(1, len(numbers) + 1))


def test_should_replace_an_earlier_backup(file: Path, target: Path) -> None:
    target.write_bytes(b"an earlier backup")

    back_up(file, target)

    assert everything(target) == everything(file)


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-lock"])
def test_should_not_replace_the_counts_themselves(
    file: Path, tmp_path: Path, ending: str
) -> None:
    (tmp_path / "link.db").symlink_to(file)
    before = everything(file)

    for name in file, tmp_path / "link.db":
        with pytest.raises(BackendError, match="name another file"):
            back_up(name, file.with_name(file.name + ending))

    assert everything(file) == before


def test_should_write_nothing_if_the_target_is_a_folder(
    file: Path, target: Path
) -> None:
    target.mkdir()

    with pytest.raises(IsADirectoryError):
        back_up(file, target)

    assert os.listdir(target.parent) == [target.name] and not os.listdir(target)


def test_should_write_nothing_if_the_folder_is_missing(
    file: Path, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        back_up(file, tmp_path / "missing" / "backup.db")

    assert not (tmp_path / "missing").exists()


@pytest.fixture(name="without_space")
def fixture_without_space(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that is full after a part of the backup."""

    def fail(part: Path, _opened: int, _: apsw.Connection) -> None:
        part.write_bytes(b"the first part")
        raise apsw.FullError("database or disk is full")

    monkeypatch.setattr(backup, "_copy", fail)
    yield


def test_should_not_replace_what_is_not_a_file(file: Path, target: Path) -> None:
    os.mkfifo(target)

    with pytest.raises(BackendError, match="replaces only a file"):
        back_up(file, target)

    assert target.is_fifo()
    assert os.listdir(target.parent) == [target.name]


@pytest.mark.usefixtures("without_space")
def test_should_keep_an_earlier_backup_if_the_disk_is_full(
    file: Path, target: Path
) -> None:
    target.write_bytes(b"an earlier backup")

    with pytest.raises(BackendError, match="free some space"):
        back_up(file, target)

    assert target.read_bytes() == b"an earlier backup"
    assert os.listdir(target.parent) == [target.name]
