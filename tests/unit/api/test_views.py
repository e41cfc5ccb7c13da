"""POST /api/views counts many views at once, GET /api/views reads many numbers."""

from datetime import date, timedelta
from typing import Any

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Page, Rules, View, create_app
from tests.owner import TOKEN, owner_of
from tests.unit.api.owner import TODAY, FixedRules

HERE, OTHER = Page("example.com", "/here"), Page("example.org", "/")

KEY = {"Idempotency-Key": "a"}


def post(client: TestApp, views: object, status: int = 200, key: str = "a") -> Any:
    """Send views, and return the answer."""
    headers = {"Idempotency-Key": key}
    return client.post_json(
        "/api/views", {"views": views}, headers=headers, status=status
    ).json


def test_should_count_many_views_once(client: TestApp, backend: MemoryBackend) -> None:
    views = [{"page": str(HERE), "from": "https://a.example/", "visitor": "x"}] * 3
    views += [{"page": str(OTHER), "day": TODAY.isoformat()}, {"page": "~"}]

    for _ in range(2):
        assert post(client, views) == {"counted": 5}

    assert backend.tally(HERE, TODAY).page_views == 3
    assert backend.tally(HERE, TODAY).site_visitors_today == 1
    assert backend.referrers(HERE.site) == {"a.example": 3}


def test_should_refuse_other_views_under_the_same_key(client: TestApp) -> None:
    post(client, [{"page": str(HERE)}])

    answer = post(client, [{"page": str(OTHER)}], 409)

    assert "used for other views" in answer["error"]


@pytest.mark.parametrize(
    ("views", "reason"),
    [
        (None, "views: is missing"),
        ([], "views: has 0 views; allowed: from 1 to 1000"),
        ([{"page": "a.example"}] * 1001, "views: has 1001 views"),
        ([{}], "views[0].page: is missing; allowed"),
        ([{"page": "a.example"}, 1], "views[1].page: is not an object"),
        ([{"page": 1}], "views[0].page: is not a text"),
        ([{"page": "a.example", "x": "y"}], "views[0].x: is not known; allowed: page,"),
        ([{"page": "a b/"}], "views[0].page: the host"),
        ([{"page": "a.example", "day": "x"}], "views[0].day: 'x' is not a day"),
        ([{"page": "a.example", "day": "2999-01-01"}], "is not allowed; allowed: from"),
        ([{"page": "a.example", "day": "2001-01-01"}], "is not allowed; allowed: from"),
        (
            [{"page": "a.example", "visitor": "x" * 513}],
            "views[0].visitor: is too long",
        ),
    ],
)
def test_should_say_which_view_is_wrong(
    client: TestApp, backend: MemoryBackend, views: object, reason: str
) -> None:
    assert reason in post(client, views, 400)["error"]
    assert not backend.sites(TODAY)


def test_should_require_a_key(client: TestApp) -> None:
    answer = client.post_json("/api/views", {"views": []}, status=400)

    assert "Idempotency-Key is missing" in answer.json["error"]


def test_should_require_the_token(backend: MemoryBackend) -> None:
    stranger = TestApp(create_app(backend=backend, rules=Rules(token=TOKEN)))

    stranger.post_json("/api/views", {"views": []}, headers=KEY, status=401)
    stranger.get("/api/views?page=a.example", status=401)


def test_should_count_only_the_sites_of_the_tracker(backend: MemoryBackend) -> None:
    rules = Rules(token=TOKEN, sites=frozenset({HERE.site}))
    client = owner_of(create_app(backend=backend, rules=rules))

    answer = post(client, [{"page": str(HERE)}, {"page": str(OTHER)}], 403)

    assert "PAGE_TRACKER_SITES" in answer["error"]
    assert not backend.sites(TODAY)


@pytest.mark.parametrize("path", ["/api/views", "/views.json"])
def test_should_read_many_numbers_in_the_order_asked(
    client: TestApp, backend: MemoryBackend, path: str
) -> None:
    backend.record(View(HERE, TODAY))

    answer = client.get(f"{path}?page={OTHER}&page={HERE}&page=https://{HERE}#x")

    assert [each["page"] for each in answer.json["views"]] == [
        *(str(OTHER), str(HERE), str(HERE))
    ]
    assert [each["views"] for each in answer.json["views"]] == [0, 1, 1]
    one = client.get(f"/views.json?page={HERE}").json
    assert answer.json["views"][1] == one


@pytest.mark.parametrize("path", ["/api/views", "/views.json"])
def test_should_read_at_most_100_numbers(client: TestApp, path: str) -> None:
    hundred = "&".join(["page=example.com/"] * 100)

    assert len(client.get(f"{path}?{hundred}").json["views"]) == 100
    answer = client.get(f"{path}?{hundred}&page=example.com/", status=400)
    assert answer.json["error"] == "page: is given 101 times; allowed: from 1 to 100"


def test_should_count_views_once_that_are_sent_again_after_midnight(
    client: TestApp, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_batch, days = backend.record_batch, []

    def record(views: list[View], *, name: str, today: date) -> None:
        days.append((today, *(view.day for view in views)))
        record_batch(views, name=name, today=today)

    monkeypatch.setattr(backend, "record_batch", record)
    post(client, [{"page": str(HERE)}])

    monkeypatch.setattr(FixedRules, "today", lambda _: TODAY + timedelta(days=1))
    post(client, [{"page": str(HERE)}])

    # Redis knows a batch by its name and its day.
    assert days == [(TODAY, TODAY)] * 2
