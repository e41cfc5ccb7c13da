"""POST /api/changes."""

import json
import logging
from typing import Any

import pytest
from webtest import TestApp, TestResponse

from page_tracker import MemoryBackend, Page
from tests.unit.api.owner import TODAY, YESTERDAY, count

PAGE = Page("example.com", "/x")
SET = {"change": "set", "page": "example.com/x", "views": 9}


@pytest.fixture(autouse=True)
def fixture_counts(backend: MemoryBackend) -> None:
    """Views of two pages on two days."""
    count(backend, "example.com/x", day=YESTERDAY, times=2)
    count(backend, "example.com/x", times=3)
    count(backend, "example.com/y")


def change(
    client: TestApp, document: Any, *, status: int = 200, **headers: str
) -> TestResponse:
    """Send a change, and return the answer."""
    return client.post(
        "/api/changes",
        json.dumps(document),
        {name.replace("_", "-"): value for name, value in headers.items()},
        content_type="application/json",
        status=status,
    )


def views(backend: MemoryBackend, page: Page = PAGE) -> int:
    """Return the views of a page."""
    return backend.tally(page, TODAY).page_views


def test_should_set_the_views_of_a_page(
    client: TestApp, backend: MemoryBackend
) -> None:
    answer = change(client, SET)

    assert answer.json == {
        "change": SET,
        "before": {"views": 5},
        "after": {"views": 9},
        "undo": {"change": "subtract", "page": "example.com/x", "views": 4},
        "how_to_undo": "page-tracker subtract example.com/x 4",
    }
    assert views(backend) == 9
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_should_take_a_flood_out_of_a_day(
    client: TestApp, backend: MemoryBackend
) -> None:
    flood = {"page": "example.com/x", "views": 2, "day": str(TODAY)}

    answer = change(client, {"change": "subtract", **flood})

    assert answer.json["before"] == {
        **{"views": 5, "views_of_site": 6},
        **{"views_on_day": 3, "views_of_site_on_day": 4},
    }
    assert answer.json["after"] == {
        **{"views": 3, "views_of_site": 4},
        **{"views_on_day": 1, "views_of_site_on_day": 2},
    }
    assert answer.json["undo"] == {"change": "add", **flood}
    assert backend.page_history(PAGE, [YESTERDAY, TODAY]) == [2, 1]


@pytest.mark.parametrize(
    "document",
    [
        SET,
        {"change": "add", "page": "example.com/x", "views": 4},
        {"change": "add", "page": "example.com/x", "views": 4, "day": str(YESTERDAY)},
        {"change": "subtract", "page": "example.com/x", "views": 1, "day": str(TODAY)},
        {"change": "rename", "page": "example.com/x", "to": "example.com/z"},
        {"change": "rename", "site": "example.com", "to": "new.example"},
    ],
    ids=json.dumps,
)
def test_should_undo_a_change_exactly_while_views_go_on(
    client: TestApp, backend: MemoryBackend, document: dict[str, Any]
) -> None:
    before = set(backend.counts("example.com", TODAY))

    undo = change(client, document).json["undo"]
    count(backend, "example.com/new")
    change(client, undo)

    backend.delete_page(Page("example.com", "/new"), TODAY)
    assert set(backend.counts("example.com", TODAY)) == before
    assert not views(backend, Page("new.example", "/x"))


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"change": "delete", "page": "example.com/x"}, {"/y": 1}),
        ({"change": "delete", "site": "example.com"}, {}),
        (
            {"change": "merge", "page": "example.com/x", "into": "example.com/y"},
            {"/y": 6},
        ),
    ],
)
def test_should_say_that_an_export_is_needed_to_undo_a_change(
    client: TestApp,
    backend: MemoryBackend,
    document: dict[str, Any],
    left: dict[str, int],
) -> None:
    answer = change(client, document)

    assert answer.json["undo"] is None
    assert answer.json["how_to_undo"] == (
        "import an export, or restore a backup, that was made before"
    )
    ranking = backend.pages("example.com")
    assert {each.page.path: each.views for each in ranking.pages} == left


def test_should_merge_sites_with_their_numbers(
    client: TestApp, backend: MemoryBackend
) -> None:
    count(backend, "www.example.com/x", times=4)
    merge = {"change": "merge", "site": "www.example.com", "into": "example.com"}

    answer = change(client, merge)

    assert answer.json["before"] == {"views": 4, "views_of_target": 6}
    assert answer.json["after"] == {"views": 0, "views_of_target": 10}
    assert views(backend) == 9


def test_should_change_the_own_page(client: TestApp, backend: MemoryBackend) -> None:
    change(client, {"change": "set", "page": "~/", "views": 41})
    assert views(backend, Page("", "/")) == 41

    change(client, {"change": "delete", "site": "~"})
    assert views(backend, Page("", "/")) == 0


def test_should_make_a_change_with_the_same_key_once(
    client: TestApp, backend: MemoryBackend
) -> None:
    first = change(client, SET, Idempotency_Key="k-1")
    count(backend, "example.com/x")
    again = change(client, SET, Idempotency_Key="k-1")

    assert again.json == first.json
    assert views(backend) == 10
    change(client, SET, Idempotency_Key="k-2")
    assert views(backend) == 9


def test_should_refuse_the_key_of_another_change(
    client: TestApp, backend: MemoryBackend
) -> None:
    change(client, SET, Idempotency_Key="k-1")

    answer = change(client, SET | {"views": 8}, status=409, Idempotency_Key="k-1")

    assert "this key was used for another change" in answer.json["error"]
    assert views(backend) == 9


def test_should_accept_a_key_again_after_a_refusal(
    client: TestApp, backend: MemoryBackend
) -> None:
    document = {"change": "subtract", "page": "example.com/x", "views": 6}
    change(client, document, status=409, Idempotency_Key="k-1")
    count(backend, "example.com/x")

    change(client, document, Idempotency_Key="k-1")

    assert views(backend) == 0


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        ([], 400, "the body is not JSON; allowed: a JSON object"),
        ({}, 400, "change is missing"),
        ({"change": "drop"}, 400, "change: 'drop' is not allowed; allowed: set, add"),
        ({"change": "set", "views": 9}, 400, "page is missing"),
        (SET | {"views": "9"}, 400, "views is not allowed; allowed: a whole number"),
        (SET | {"views": True}, 400, "views is not allowed; allowed: a whole number"),
        (SET | {"views": 2**53}, 400, "views is not allowed; allowed: a whole number"),
        (SET | {"page": "example.com"}, 400, "page: this is a site; allowed: a page"),
        (SET | {"page": "a b/"}, 400, "page: "),
        (SET | {"day": str(TODAY)}, 400, "'day' is not allowed here; allowed: change"),
        (
            {"change": "add", "page": "example.com/x", "views": 1, "day": "today"},
            400,
            "day: 'today' is not a day",
        ),
        (
            {"change": "add", "page": "example.com/x", "views": 1, "day": "2031-01-01"},
            400,
            "day: 2031-01-01 is not kept; allowed: ",
        ),
        (
            {"change": "delete", "page": "example.com/x", "site": "example.com"},
            400,
            "allowed: either page or site",
        ),
        (
            {"change": "merge", "page": "example.com/x", "into": "b.example/x"},
            400,
            "cannot merge example.com/x into b.example/x: these are pages of two sites",
        ),
        ({"change": "delete", "page": "example.com/none"}, 404, "is not known"),
        (
            {"change": "rename", "page": "example.com/x", "to": "example.com/y"},
            409,
            "example.com/y has counts already",
        ),
        (
            {"change": "subtract", "page": "example.com/x", "views": 6},
            409,
            "example.com/x has 5 views; allowed: at most that many",
        ),
    ],
)
def test_should_refuse_what_is_wrong_and_change_nothing(
    client: TestApp, backend: MemoryBackend, document: Any, status: int, reason: str
) -> None:
    before = set(backend.counts("example.com", TODAY))

    answer = change(client, document, status=status)

    assert reason in answer.json["error"]
    assert set(backend.counts("example.com", TODAY)) == before


def test_should_refuse_what_pages_of_other_sites_can_send(
    client: TestApp, backend: MemoryBackend
) -> None:
    change(client, SET, status=403, Sec_Fetch_Site="cross-site")
    change(client, SET, status=403, Sec_Fetch_Site="same-site")
    change(client, SET, status=403, Origin="https://evil.example")
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        client.post(
            "/api/changes", json.dumps(SET), content_type=media_type, status=415
        )
    client.get("/api/changes", status=405)
    change(TestApp(client.app), SET, status=401)

    assert views(backend) == 5


def test_should_log_each_change_once_with_what_undoes_it(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "page_tracker"):
        change(client, SET, Idempotency_Key="k-1")
        change(client, SET, Idempotency_Key="k-1")

    assert [record.getMessage() for record in caplog.records] == [
        "Set example.com/x to 9 views: views before 5, after 9; to undo it: "
        "page-tracker subtract example.com/x 4"
    ]
