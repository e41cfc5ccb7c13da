"""The health of the SQLite file: /readyz, warnings, and page-tracker doctor."""

import json
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from webtest import TestApp

from page_tracker import BackendError, View, create_app
from page_tracker.backends.sqlite import diagnosis, health, housekeeping
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.diagnosis import examine
from page_tracker.backends.sqlite.housekeeping import Housekeeper
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY
from tests.servers import wait_until

LITTLE_BYTES = 5_000_000


@pytest.fixture(name="backend")
def fixture_backend(path: Path) -> SqliteBackend:
    """A backend that has counted a view."""
    backend = SqliteBackend(path)
    backend.record(View(FRONT_PAGE, DAY))
    return backend


@pytest.fixture(name="little_space")
def fixture_little_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is almost full."""
    for module in (health, diagnosis):
        monkeypatch.setattr(module, "free_bytes", lambda _: LITTLE_BYTES)


@pytest.fixture(name="slow_disk")
def fixture_slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which each commit counts as slow."""
    for module in (health, diagnosis):
        monkeypatch.setattr(module, "SLOW_COMMIT_MS", 0.0)


def damage(path: Path) -> None:
    """Damage the file, as a faulty disk may: let an index use the page of another."""
    with closing(apsw.Connection(str(path))) as connection:
        # The thread of a backend that is no longer used may still hold the lock.
        connection.set_busy_timeout(10_000)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
            "WHERE name = 'seen_by_time') WHERE name = 'page_by_views'"
        )


def findings(path: Path) -> dict[str, tuple[str, str, str]]:
    """Return the level, the text and the advice of each check."""
    return {each.check: (each.level, each.text, each.advice) for each in examine(path)}


class TestCheck:
    """The check of a server."""

    def test_should_describe_the_file(self, backend: SqliteBackend) -> None:
        checked = backend.check()

        details = dict(checked.details)
        assert isinstance(details.pop("file_system"), str)
        assert float(details.pop("free_bytes")) > 0
        assert 0 < float(details.pop("last_commit_ms")) < 10_000
        assert details == {"integrity": "not checked yet"}

    def test_should_try_a_commit_before_the_first_view(self, path: Path) -> None:
        checked = SqliteBackend(path).check()

        assert float(checked.details["last_commit_ms"]) > 0
        assert path.exists()

    @pytest.mark.usefixtures("little_space")
    def test_should_warn_of_little_space(self, backend: SqliteBackend) -> None:
        checked = backend.check()

        assert checked.warnings == ("only 5 MB are free on the disk of the counts",)
        assert checked.details["free_bytes"] == LITTLE_BYTES

    def test_should_fail_if_no_space_is_left_for_views(
        self, backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(health, "free_bytes", lambda _: 0)

        with pytest.raises(BackendError, match="the disk is full"):
            backend.check()

    @pytest.mark.usefixtures("slow_disk")
    def test_should_warn_of_a_slow_disk(self, backend: SqliteBackend) -> None:
        (warning,) = backend.check().warnings

        assert warning.startswith("a commit took ")
        assert warning.endswith(" ms: the disk is slow")

    def test_should_fail_if_views_cannot_be_stored(self, path: Path) -> None:
        path.write_bytes(b"no database" * 1000)

        with pytest.raises(BackendError, match="is not a SQLite database"):
            SqliteBackend(path).check()

    @pytest.mark.usefixtures("little_space")
    def test_should_be_shown_to_the_server_of_the_owner(
        self, backend: SqliteBackend
    ) -> None:
        answer = json.loads(TestApp(create_app(backend=backend)).get("/readyz").text)

        assert (answer["ready"], answer["backend"]) == (True, "sqlite")
        assert answer["warnings"] == ["only 5 MB are free on the disk of the counts"]


class TestHousekeeping:
    """The thread that looks for damage once a day."""

    @pytest.fixture(autouse=True)
    def fixture_soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the thread begin at once, and again if the file was not there yet."""
        monkeypatch.setattr(housekeeping, "_FIRST_AFTER_S", 0.01)
        monkeypatch.setattr(housekeeping, "EVERY_S", 0.01)

    def test_should_say_that_there_is_no_damage(self, path: Path) -> None:
        backend = SqliteBackend(path)

        backend.record(View(FRONT_PAGE, DAY))

        wait_until(
            lambda: backend.check().details["integrity"] == "ok", "the check for damage"
        )
        # On a busy machine, there may be a warning of a slow commit.
        assert not [text for text in backend.check().warnings if "damage" in text]

    def test_should_warn_of_damage(self, path: Path) -> None:
        SqliteBackend(path).record(View(FRONT_PAGE, DAY))
        damage(path)

        backend = SqliteBackend(path)
        backend.tally(FRONT_PAGE, DAY)

        warning = "the file of the counts is damaged; restore a backup"
        wait_until(lambda: warning in backend.check().warnings, "the check for damage")
        assert backend.check().details["integrity"] not in ("ok", "not checked yet")

    def test_should_go_on_after_an_error(
        self,
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        errors: list[Exception] = [BackendError("the disk fails"), ValueError("a bug")]
        done = list[None]()

        def remove_expired(_: Database) -> None:
            if errors:
                raise errors.pop()
            done.append(None)

        monkeypatch.setattr(housekeeping, "remove_expired", remove_expired)
        SqliteBackend(path).record(View(FRONT_PAGE, DAY))
        keeper = Housekeeper(path, lambda _: None)
        keeper.start()

        wait_until(lambda: done, "housekeeping without an error")
        keeper.stop()
        texts = [each.getMessage() for each in caplog.records]
        assert "Housekeeping failed: a bug" in texts
        assert any(text.startswith("Housekeeping failed: the disk f") for text in texts)


class TestDoctor:
    """page-tracker doctor."""

    def test_should_find_no_problem(self, backend: SqliteBackend, path: Path) -> None:
        backend.check()

        found = findings(path)

        assert {level for level, _, _ in found.values()} == {"ok"}
        assert list(found) == [
            *("version", "file", "file system", "space", "commit", "integrity")
        ]
        assert found["integrity"][1] == "the file is not damaged"

    def test_should_not_create_a_file(self, path: Path) -> None:
        assert findings(path) == {
            "file": ("ok", "does not exist: the first view creates it", "")
        }
        assert not path.exists()

    def test_should_accept_a_data_folder_that_a_server_will_create(
        self, path: Path
    ) -> None:
        data = path.parent / "share" / "page-tracker"

        (finding,) = examine(data / "counts.db", data_folder=data)

        assert finding.level == "ok" and not data.parent.exists()
        (finding,) = examine(data.parent / "counts.db", data_folder=data)
        assert finding.level == "error"

    @pytest.mark.usefixtures("backend", "little_space")
    def test_should_warn_of_little_space(self, path: Path) -> None:
        level, text, advice = findings(path)["space"]

        assert (level, text) == (
            "warning",
            "5 MB are free: soon views will not be counted",
        )
        assert advice.startswith("free some space")

    @pytest.mark.usefixtures("backend", "slow_disk")
    def test_should_warn_of_a_slow_disk(self, path: Path) -> None:
        level, text, advice = findings(path)["commit"]

        assert (level, advice) == ("warning", "use another disk")
        assert text.endswith(" ms: views wait for the disk")

    def test_should_report_damage(self, backend: SqliteBackend, path: Path) -> None:
        backend.record(View(FRONT_PAGE, DAY))
        damage(path)

        level, text, advice = findings(path)["integrity"]

        assert (level, advice) == ("error", "stop the server, and restore a backup")
        assert text.startswith("2nd reference to page ")

    def test_should_not_read_the_whole_file_at_a_start(
        self, backend: SqliteBackend, path: Path
    ) -> None:
        backend.record(View(FRONT_PAGE, DAY))
        damage(path)

        found = {each.check for each in examine(path, reads_all=False)}

        assert {"file", "space", "commit"} < found and "integrity" not in found

    def test_should_report_a_file_of_another_program(self, path: Path) -> None:
        with closing(apsw.Connection(str(path))) as connection:
            connection.execute("CREATE TABLE t (x)")

        (finding,) = examine(path)

        assert (finding.check, finding.level) == ("file", "error")
        assert "belongs to another program" in finding.text

    def test_should_report_a_file_that_is_no_database(self, path: Path) -> None:
        path.write_bytes(b"no database" * 1000)

        (finding,) = examine(path)

        assert finding.level == "error"
        assert "NotADBError" in finding.text

    def test_should_report_a_folder_that_cannot_be_used(self, path: Path) -> None:
        (finding,) = examine(path / "counts.db")

        assert (finding.check, finding.level) == ("file", "error")
        assert finding.text.startswith(f"cannot write to {path}: ")
