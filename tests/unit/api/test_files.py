"""Exports and imports over HTTP, with the commands as they run on a file of counts."""

import errno
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Rules, View, create_app
from page_tracker.app import PageTracker
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.counting.model import FRONT_PAGE
from page_tracker.counting.naming import AS_STORED
from page_tracker.web import uploads
from tests.owner import TOKEN, owner_of
from tests.unit.api.owner import TODAY

CSV = b"page,views\nb.example/blog,40\n"
TYPE = {"Content-Type": "application/octet-stream"}

Upload = Callable[..., Any]


@pytest.fixture(name="counts")
def fixture_counts(tmp_path: Path) -> SqliteBackend:
    """Counts in a file, with a view of a page and of the front page."""
    backend = SqliteBackend(tmp_path / "counts.db")
    for page in (AS_STORED.own_page("example.com/x"), FRONT_PAGE):
        backend.record(View(page, TODAY))
    return backend


@pytest.fixture(name="client")
def fixture_client(tracker: PageTracker) -> TestApp:
    """The owner's client of the tracker."""
    return owner_of(tracker)


@pytest.fixture(name="tracker")
def fixture_tracker(counts: SqliteBackend, tmp_path: Path) -> PageTracker:
    """A tracker with the counts."""
    rules = Rules(token=TOKEN, public_url="https://counter.example")
    tracker = create_app(backend=counts, rules=rules)
    url = f"sqlite://{tmp_path}/counts.db"
    tracker.commands.environ = {"PAGE_TRACKER_BACKEND": url}
    return tracker


@pytest.fixture(name="upload")
def fixture_upload(client: TestApp) -> Upload:
    """Return a function that uploads a file, and returns the answer."""

    def upload(query: str = "", content: bytes = CSV, **headers: str) -> Any:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return client.request(
            f"/api/import?{query}",
            method="POST",
            body=content,
            headers=TYPE | named,
            expect_errors=True,
        )

    return upload


@pytest.mark.parametrize(
    ("query", "name", "content"),
    [
        ("", "page-tracker-{}.csv", "page,views\n/,1\nexample.com/x,1\n"),
        ("site=example.com", "example.com-{}.csv", "page,views\nexample.com/x,1\n"),
        ("format=csv&site=~", "tracker-{}.csv", "page,views\n/,1\n"),
    ],
)
def test_should_export_a_file_with_a_name(
    client: TestApp, query: str, name: str, content: str
) -> None:
    answer = client.get(f"/api/export?{query}")

    today = Rules().today()
    named = f'attachment; filename="{name.format(today)}"'
    assert answer.headers["Content-Disposition"] == named
    assert (answer.content_type, answer.text) == ("text/csv", content)


def test_should_say_what_it_would_export_without_a_body(client: TestApp) -> None:
    answer = client.head("/api/export?format=json")

    assert answer.content_type == "application/json"
    assert "Content-Disposition" in answer.headers


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("format=xml", 400, "format: 'xml' is not allowed; allowed: csv, json"),
        ("site=a/b", 400, "site: "),
        ("site=no.example", 404, "the site has no counts"),
    ],
)
def test_should_refuse_to_export(
    client: TestApp, query: str, status: int, reason: str
) -> None:
    answer = client.get(f"/api/export?{query}", status=status)

    assert answer.json["error"].startswith(reason)


def test_should_answer_with_the_error_of_an_export_that_cannot_begin(
    client: TestApp, tracker: PageTracker
) -> None:
    tracker.commands.environ = {"PAGE_TRACKER_BACKEND": "sqlite:///no/such.db"}

    answer = client.get("/api/export", status=500)

    reason = "there are no counts: SQLite at /no/such.db does not exist"
    assert answer.json["error"].startswith(reason)


def test_should_import_a_file_after_a_dry_run(upload: Upload, client: TestApp) -> None:
    dry, once, again = upload("dry_run=true"), upload("dry_run=false"), upload()

    expected = {"file": "the file", "format": "csv", "views": 40}
    assert dry.json["files"][0].items() >= expected.items()
    assert [each.json["added"] for each in (dry, once, again)] == [False, True, False]
    assert client.get("/views.txt?page=b.example/blog").text == "40\n"


def test_should_say_in_a_dry_run_what_the_site_has_already(upload: Upload) -> None:
    upload("mode=add")

    dry = upload("dry_run=true", CSV.replace(b"40", b"50"))

    assert dry.status_int == 400
    assert dry.json["error"].startswith("b.example already has counts; allowed: ")
    assert dry.json["sites"][0]["views"] == 50


@pytest.mark.parametrize("mode, views", [("add", "90"), ("replace", "50")])
def test_should_add_to_counts_or_replace_them(
    upload: Upload, client: TestApp, mode: str, views: str
) -> None:
    upload("mode=add")

    answer = upload(f"mode={mode}", CSV.replace(b"40", b"50"))

    assert answer.json["added"]
    assert client.get("/views.txt?page=b.example/blog").text == f"{views}\n"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("dryrun=true", "dryrun: is not known; allowed: dry_run, "),
        ("dry_run=yes", "dry_run: 'yes' is not allowed; allowed: true, false"),
        ("mode=set", "mode: 'set' is not allowed; allowed: add, replace"),
        ("mode=add&mode=add", "mode is given 2 times"),
        ("site=a%00b", "site: contains a zero byte"),
        ("site=a/b", "--site: this is a page; allowed: a site"),
        ("format=xml", "--format: 'xml' is not allowed; allowed: page-tracker, "),
        ("from=2026-11-02&until=2026-11-01", "--from is after --until"),
    ],
)
def test_should_refuse_parameters(upload: Upload, query: str, reason: str) -> None:
    answer = upload(query)

    assert answer.status_int == 400
    assert answer.json["error"].startswith(reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"page,views\nexample.com/,x\n", "line 2: "),
        (b"\0\1\2", "its format is not known"),
        (b"PK\3\4", "the file is damaged or truncated"),
    ],
)
def test_should_say_what_is_wrong_with_the_file(
    upload: Upload, content: bytes, reason: str
) -> None:
    answer = upload(content=content)

    assert (answer.status_int, reason in answer.json["error"]) == (400, True)


def test_should_say_that_the_file_is_empty(upload: Upload) -> None:
    answer = upload(content=b"")

    assert answer.json["skipped"] == {"the file": "is empty"}
    assert answer.json["added"] is False


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost:80"},
    ],
)
def test_should_refuse_pages_of_other_origins(
    upload: Upload, headers: dict[str, str]
) -> None:
    answer = upload(**headers)

    assert answer.status_int == 403
    assert answer.json["error"].startswith("a page of another origin may not change")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://proxy.example"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "http://localhost:80"},
        {"Origin": "https://counter.example"},
    ],
)
def test_should_accept_its_own_pages(upload: Upload, headers: dict[str, str]) -> None:
    assert upload("dry_run=true", **headers).status_int == 200


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ""],
)
def test_should_refuse_what_forms_of_other_pages_can_send(
    upload: Upload, media_type: str
) -> None:
    answer = upload(Content_Type=media_type)

    assert answer.status_int == 415
    assert "allowed: application/octet-stream, text/csv" in answer.json["error"]


def test_should_refuse_a_file_that_is_too_large(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", len(CSV) - 1)

    answer = upload()

    reason = f"the body is too large; allowed: {len(CSV) - 1} bytes"
    assert (answer.status_int, answer.json["error"]) == (413, reason)


def test_should_say_that_there_is_no_space_for_the_file(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)

    answer = upload()

    assert answer.status_int == 507
    assert "No space left on device; allowed: " in answer.json["error"]


def test_should_store_all_of_a_file_if_the_disk_takes_it_in_parts(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(io.FileIO):
        """A file that takes in a few bytes at a time."""

        def write(self, content: Any) -> int:
            return super().write(content[:5])

    @contextmanager
    def slow_file() -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as file:
            yield cast(IO[bytes], Slow(file.fileno(), "r+", closefd=False))

    monkeypatch.setattr(uploads, "temporary_file", slow_file)

    assert upload().json["files"][0]["views"] == 40


def test_should_run_one_command_at_a_time(tracker: PageTracker, upload: Upload) -> None:
    with tracker.commands.running(["token"], 0, 1, 2):
        answer = upload()

    assert (answer.status_int, answer.headers["Retry-After"]) == (429, "5")
    assert upload("dry_run=true").status_int == 200


def test_should_say_that_counts_in_memory_cannot_be_in_files(
    backend: MemoryBackend,
) -> None:
    client = owner_of(create_app(backend=backend, rules=Rules(token=TOKEN)))

    answers = [
        client.get("/api/export", status=409),
        client.request(
            "/api/import", method="POST", body=CSV, headers=TYPE, status=409
        ),
    ]

    for answer in answers:
        assert answer.json["error"].startswith("counts in the memory of the server ")
