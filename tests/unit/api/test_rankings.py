"""Tests of the rankings of the API: of pages, and of referrers."""

from datetime import timedelta

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Page, View
from page_tracker.counting.referrers import OTHERS
from tests.unit.api.owner import TODAY, YESTERDAY, count


class TestPages:
    """GET /api/sites/{site}/pages."""

    def test_should_list_the_most_viewed_page_first(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "a.example/x")
        count(backend, "a.example/y", times=2)

        assert client.get("/api/sites/a.example/pages").json == {
            "site": "a.example",
            "name": "a.example",
            "from": None,
            "to": None,
            "views": 3,
            "pages": [
                {"page": "a.example/y", "path": "/y", "views": 2},
                {"page": "a.example/x", "path": "/x", "views": 1},
            ],
            "next": None,
        }

    def test_should_rank_the_pages_of_a_span(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "a.example/x", day=TODAY - timedelta(days=2), times=4)
        count(backend, "a.example/x", day=YESTERDAY, times=2)
        count(backend, "a.example/z", day=YESTERDAY)
        count(backend, "a.example/y", times=2)
        count(backend, "b.example/y", times=2)

        shown = client.get("/api/sites/a.example/pages?days=2").json

        assert shown == {
            "site": "a.example",
            "name": "a.example",
            "from": "2026-11-24",
            "to": "2026-11-25",
            "views": 5,
            "pages": [
                {"page": "a.example/y", "path": "/y", "views": 2},
                {"page": "a.example/x", "path": "/x", "views": 2},
                {"page": "a.example/z", "path": "/z", "views": 1},
            ],
            "next": None,
        }

    @pytest.mark.parametrize("span", ["", "days=7"])
    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("BLOG", ["/blog/caf%C3%A9"]),
            ("café", ["/blog/caf%C3%A9"]),
            ("%c3%a9", ["/blog/caf%C3%A9"]),
            ("a b", ["/a%20b"]),
            ("100%", ["/100%25"]),
            ("%e9", ["/%E9"]),
            ("%2f", []),
            ("[", []),
            ("\x00", []),
            ("", ["/blog/caf%C3%A9", "/a%20b", "/100%25", "/%E9"]),
        ],
    )
    def test_should_search_paths(
        self,
        client: TestApp,
        backend: MemoryBackend,
        search: str,
        found: list[str],
        span: str,
    ) -> None:
        for path in ("blog/caf%C3%A9", "a%20b", "100%25", "%E9"):
            count(backend, f"a.example/{path}")

        url = f"/api/sites/a.example/pages?{span}"
        shown = client.get(url, {"search": search}).json

        assert {page["path"] for page in shown["pages"]} == set(found)

    @pytest.mark.parametrize("span", ["", "days=7"])
    def test_should_paginate_with_a_cursor(
        self, client: TestApp, backend: MemoryBackend, span: str
    ) -> None:
        for number in range(7):
            count(backend, f"a.example/{number % 5}/{number}", times=1 + number % 3)

        shown, cursor = [], ""
        while cursor is not None:
            query = {"limit": "2", "cursor": cursor}
            answer = client.get(f"/api/sites/a.example/pages?{span}", query).json
            assert 0 < len(answer["pages"]) <= 2
            shown += answer["pages"]
            cursor = answer["next"]

        assert shown == client.get("/api/sites/a.example/pages").json["pages"]
        assert len(shown) == 7

    def test_should_limit_to_fifty_by_default(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        for number in range(60):
            count(backend, f"a.example/{number}")

        shown = client.get("/api/sites/a.example/pages").json

        assert len(shown["pages"]) == 50
        last = shown["pages"][-1]
        assert shown["next"] == f"{last['views']}{last['path']}"

    def test_should_list_no_pages_of_an_unknown_site(self, client: TestApp) -> None:
        assert client.get("/api/sites/b.example/pages").json["pages"] == []


class TestReferrers:
    """GET /api/sites/{site}/referrers."""

    @pytest.fixture(autouse=True)
    def fixture_views(self, backend: MemoryBackend) -> None:
        for referrer, day, times in (
            ("x.com", TODAY, 2),
            ("1.2.3.4", TODAY, 2),
            ("xn--bcher-kva.example", TODAY, 3),
            ("xn--bcher-kva.example", YESTERDAY, 1),
            (OTHERS, YESTERDAY, 1),
            (None, YESTERDAY, 1),
        ):
            for _ in range(times):
                page = Page("a.example", "/")
                backend.record(View(page, day, "somebody", referrer=referrer))

    def test_should_list_those_of_all_time(self, client: TestApp) -> None:
        assert client.get("/api/sites/a.example/referrers").json == {
            "site": "a.example",
            "name": "a.example",
            "from": None,
            "to": None,
            "views": 10,
            "unknown": 1,
            "others": 1,
            "recorded": True,
            "referrers": [
                {
                    "referrer": "xn--bcher-kva.example",
                    "name": "bücher.example",
                    "views": 4,
                },
                {"referrer": "x.com", "name": "x.com", "views": 2},
                {"referrer": "1.2.3.4", "name": "1.2.3.4", "views": 2},
            ],
            "next": None,
        }

    @pytest.mark.parametrize("span", ["", "?days=2"])
    def test_should_tell_the_views_of_a_site_whose_pages_were_deleted(
        self, client: TestApp, backend: MemoryBackend, span: str
    ) -> None:
        backend.record(View(Page("a.example", "/left"), TODAY))

        backend.delete_page(Page("a.example", "/"), TODAY)

        shown = client.get(f"/api/sites/a.example/referrers{span}").json
        assert (shown["views"], shown["unknown"], shown["others"]) == (1, 0, 1)
        assert sum(row["views"] for row in shown["referrers"]) == 8

    def test_should_list_those_of_a_span(self, client: TestApp) -> None:
        shown = client.get("/api/sites/a.example/referrers?day=2026-11-25").json

        assert (shown["from"], shown["to"]) == ("2026-11-25", "2026-11-25")
        assert (shown["views"], shown["unknown"], shown["others"]) == (7, 0, 0)
        assert [row["views"] for row in shown["referrers"]] == [3, 2, 2]

    @pytest.mark.parametrize("search", ["BÜCHER", "xn--b", "her.ex"])
    def test_should_search_both_forms_of_a_host(
        self, client: TestApp, search: str
    ) -> None:
        shown = client.get("/api/sites/a.example/referrers", {"search": search}).json

        assert [row["name"] for row in shown["referrers"]] == ["bücher.example"]
        assert shown["views"] == 10

    @pytest.mark.parametrize("span", ["", "days=2"])
    def test_should_paginate_with_a_cursor(self, client: TestApp, span: str) -> None:
        url, shown, cursor = "/api/sites/a.example/referrers", [], ""
        while cursor is not None:
            answer = client.get(f"{url}?{span}", {"limit": "1", "cursor": cursor}).json
            shown += answer["referrers"]
            cursor = answer["next"]

        assert shown == client.get(url).json["referrers"]
