"""Tests of the JSON API behind the dashboard."""

from datetime import date, timedelta
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import BackendError, Ignored, MemoryBackend, SiteTotal
from tests.unit.api.owner import TODAY, YESTERDAY, client_of, count


class BrokenBackend(MemoryBackend):
    """A backend whose queries fail."""

    def sites(self, today: date, only: str | None = None) -> NoReturn:
        raise BackendError("cannot list") from ConnectionError("s3cret")


class TestSites:
    """GET /api/sites."""

    def test_should_list_no_sites_at_first(self, client: TestApp) -> None:
        answer = client.get("/api/sites")

        assert answer.content_type == "application/json"
        assert answer.json == {"today": "2026-11-25", "sites": []}

    def test_should_list_the_most_viewed_site_first(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "/")
        count(backend, "a.example/x", day=YESTERDAY, times=2)
        count(backend, "a.example/y")

        assert client.get("/api/sites").json["sites"] == [
            {
                "site": "a.example",
                "name": "a.example",
                "views": 3,
                "pages": 2,
                "views_today": 1,
                "visitors_today": 1,
            },
            {
                "site": "",
                "name": "",
                "views": 1,
                "pages": 1,
                "views_today": 1,
                "visitors_today": 1,
            },
        ]

    def test_should_name_a_site_as_people_write_it_unless_that_could_deceive(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "xn--80ak6aa92e.example/")
        count(backend, "xn--bcher-kva.example:8080/")

        names = {
            each["site"]: each["name"]
            for each in client.get("/api/sites").json["sites"]
        }

        assert names == {
            "xn--80ak6aa92e.example": "xn--80ak6aa92e.example",
            "xn--bcher-kva.example:8080": "bücher.example:8080",
        }

    def test_should_find_a_site_by_either_form(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "xn--bcher-kva.example/")

        ascii_form = client.get("/api/sites/xn--bcher-kva.example/pages").json
        readable = client.get("/api/sites/b%C3%BCcher.example/pages").json

        assert readable == ascii_form
        assert readable["site"] == "xn--bcher-kva.example"

    def test_should_count_nothing(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "/")

        client.get("/api/sites")
        client.head("/api/sites")

        assert backend.sites(TODAY) == [SiteTotal("", 1, 1, 1, 1)]

    def test_should_fail_when_the_backend_fails(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = client_of(BrokenBackend()).get("/api/sites", status=503)

        assert answer.json == {"error": "the counts are temporarily unavailable"}
        assert answer.headers["Retry-After"] == "1"
        assert caplog.messages == [
            "A request failed: cannot list: ConnectionError: s3cret"
        ]


class TestSpans:
    """The parameters of a span of days."""

    @pytest.mark.parametrize(
        ("query", "first", "last"),
        [
            ("from=2026-11-01&to=2026-11-20", "2026-11-01", "2026-11-20"),
            ("from=2026-11-20&to=2026-11-20", "2026-11-20", "2026-11-20"),
            ("from=2026-11-01", "2026-11-01", "2026-11-25"),
            ("from=2026-11-01&to=2027-01-01", "2026-11-01", "2026-11-25"),
            ("from=2020-01-01&to=2026-11-01", "2025-10-22", "2026-11-01"),
            ("from=2020-01-01&to=2020-01-02", "2025-10-22", "2025-10-22"),
            ("from=2027-01-01", "2026-11-25", "2026-11-25"),
            ("day=2026-11-24", "2026-11-24", "2026-11-24"),
            ("day=2027-11-24", "2026-11-25", "2026-11-25"),
            ("days=1", "2026-11-25", "2026-11-25"),
            ("days=400", "2025-10-22", "2026-11-25"),
        ],
    )
    @pytest.mark.parametrize(
        "path",
        [
            "/api/sites/~/pages",
            "/api/sites/~/history",
            "/api/sites/~/referrers",
            "/api/ignored",
        ],
    )
    def test_should_be_moved_to_the_days_that_are_kept(
        self, client: TestApp, path: str, query: str, first: str, last: str
    ) -> None:
        shown = client.get(f"{path}?{query}").json

        assert (shown["from"], shown["to"]) == (first, last)


class TestNames:
    """Names of sites in paths."""

    @pytest.mark.parametrize(
        ("name", "site"),
        [
            ("~", ""),
            ("Example.COM", "example.com"),
            ("localhost:8000", "localhost:8000"),
            ("localhost%3A8000", "localhost:8000"),
            ("[::1]:8000", "[::1]:8000"),
            ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ],
    )
    @pytest.mark.parametrize("what", ["pages", "history", "referrers"])
    def test_should_normalize_hosts(
        self, client: TestApp, name: str, site: str, what: str
    ) -> None:
        assert client.get(f"/api/sites/{name}/{what}").json["site"] == site

    @pytest.mark.parametrize(
        "name", ["%FF", "a..b", "a%20b", "%7Bx%7D", "~~", "x" * 300, "%0D%0AX:y"]
    )
    @pytest.mark.parametrize("what", ["pages", "history", "referrers"])
    def test_should_refuse_invalid_names(
        self, client: TestApp, name: str, what: str
    ) -> None:
        answer = client.get(f"/api/sites/{name}/{what}", status=400)

        assert "site: " in answer.json["error"] or "UTF-8" in answer.json["error"]


class TestHistory:
    """GET /api/sites/{site}/history."""

    def test_should_list_every_day_up_to_today(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "/", times=2)
        count(backend, "/", day=TODAY - timedelta(days=2))

        assert client.get("/api/sites/~/history?days=3").json == {
            "site": "",
            "name": "",
            "from": "2026-11-23",
            "to": "2026-11-25",
            "first_day": "2026-11-23",
            "days": [
                {"day": "2026-11-23", "views": 1, "visitors": 1},
                {"day": "2026-11-24", "views": 0, "visitors": 0},
                {"day": "2026-11-25", "views": 2, "visitors": 1},
            ],
        }

    def test_should_know_no_first_day_of_an_unknown_site(self, client: TestApp) -> None:
        assert client.get("/api/sites/a.example/history").json["first_day"] is None

    def test_should_list_the_days_of_a_page(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "a.example/caf%C3%A9", times=2)
        count(backend, "a.example/caf%C3%A9", day=YESTERDAY)
        count(backend, "a.example/")

        url, query = "/api/sites/a.example/history", {"path": "/café", "days": "2"}

        assert client.get(url, query).json == {
            "site": "a.example",
            "name": "a.example",
            "from": "2026-11-24",
            "to": "2026-11-25",
            "page": "a.example/caf%C3%A9",
            "path": "/caf%C3%A9",
            "views": 3,
            "site_views": 4,
            "days": [
                {"day": "2026-11-24", "views": 1},
                {"day": "2026-11-25", "views": 2},
            ],
        }

    def test_should_list_the_days_of_the_front_page(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "/", times=2)

        shown = client.get("/api/sites/~/history?path=/&day=2026-11-25").json

        assert (shown["page"], shown["views"], shown["site_views"]) == ("/", 2, 2)
        assert shown["days"] == [{"day": "2026-11-25", "views": 2}]

    @pytest.mark.parametrize(("query", "days"), [("", 30), ("?days=400", 400)])
    def test_should_list_the_requested_number_of_days(
        self, client: TestApp, query: str, days: int
    ) -> None:
        shown = client.get(f"/api/sites/a.example/history{query}").json["days"]

        assert len(shown) == days


class TestIgnored:
    """GET /api/ignored."""

    def test_should_count_by_site_and_reason(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "a.example/")
        count(backend, "a.example/", times=3, ignored=Ignored.CRAWLER)
        count(backend, "a.example/", day=YESTERDAY, ignored=Ignored.PREFETCH)
        none = {reason.value: 0 for reason in Ignored}
        count(backend, "b.example/")

        assert client.get("/api/ignored").json == {
            "from": "2026-10-27",
            "to": "2026-11-25",
            "sites": [
                {
                    "site": "a.example",
                    "name": "a.example",
                    "ignored": {**none, "crawler": 3, "prefetch": 1},
                },
                {"site": "b.example", "name": "b.example", "ignored": none},
            ],
        }

    def test_should_filter_by_site_and_days(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        count(backend, "/")
        count(backend, "/", day=YESTERDAY, ignored=Ignored.REPEAT)

        of_two = client.get("/api/ignored?site=~&days=2").json
        of_one = client.get("/api/ignored?site=~&days=1").json

        assert (of_two["from"], len(of_two["sites"])) == ("2026-11-24", 1)
        assert of_two["sites"][0]["ignored"]["repeat"] == 1
        assert of_one["sites"][0]["ignored"]["repeat"] == 0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/api/sites/~/pages?day=20261125",
            "day: '20261125' is not a day; allowed: a date such as",
        ),
        (
            "/api/sites/~/pages?day=2026-02-30",
            "day: '2026-02-30' is not a day; allowed: a date",
        ),
        (
            "/api/sites/~/pages?limit=0",
            "limit: '0' is not allowed; allowed: a whole number from 1 to 1000",
        ),
        ("/api/sites/~/pages?limit=1001", "limit: '1001' is not allowed; allowed: "),
        ("/api/sites/~/pages?limit=%D9%A1", "limit: '١' is not allowed; allowed: "),
        ("/api/sites/~/pages?limit=1&limit=2", "limit is given 2 times; allowed: once"),
        (
            "/api/sites/~/pages?cursor=12",
            "cursor: '12' is not a cursor; allowed: the",
        ),
        (
            "/api/sites/~/pages?cursor=/x",
            "cursor: '/x' is not a cursor; allowed: the",
        ),
        (f"/api/sites/~/pages?cursor={'9' * 16}/x", "cursor: '9999999999999999/x'"),
        (
            "/api/sites/~/history?days=0",
            "days: '0' is not allowed; allowed: a whole number from 1 to 400",
        ),
        ("/api/sites/~/history?days=401", "days: '401' is not allowed; allowed: "),
        (
            "/api/ignored?day=2026-11-1",
            "day: '2026-11-1' is not a day; allowed: a date",
        ),
        ("/api/ignored?from=x", "from: 'x' is not a day; allowed: a date such as"),
        ("/api/ignored?from=2026-11-01&to=x", "to: 'x' is not a day; allowed: a date"),
        (
            "/api/ignored?from=2026-11-02&to=2026-11-01",
            "from: 2026-11-02 is after 2026-11-01; allowed: a day until then",
        ),
        ("/api/ignored?to=2026-11-01", "to: is given without from; allowed: both, or"),
        (
            "/api/ignored?days=7&from=2026-11-01",
            "days: is given beside from; allowed: only one of them",
        ),
        ("/api/ignored?day=2026-11-01&days=7", "day: is given beside days; allowed: "),
        (
            "/api/ignored?day=2026-11-01&to=2026-11-01",
            "to: is given without from; allowed: both, or only from",
        ),
        ("/api/sites/~/history?path=x", "path: 'x' is not a path; allowed: / or /…"),
        (
            "/api/sites/~/history?path=/x",
            "path: '/x' is not a page of the tracker's own site; allowed: /",
        ),
        ("/api/ignored?days=-1", "days: '-1' is not allowed; allowed: "),
        ("/api/ignored?site=a..b", "site: the host 'a..b' is not valid; allowed: "),
    ],
)
def test_should_say_what_is_allowed(client: TestApp, path: str, message: str) -> None:
    assert client.get(path, status=400).json["error"].startswith(message)


@pytest.mark.parametrize("path", ["/api/", "/api/sites/", "/api/sites/a.example/x"])
def test_should_list_the_api_when_a_path_is_unknown(client: TestApp, path: str) -> None:
    error = client.get(path, status=404).json["error"]

    assert "/api/sites/{site}/pages" in error and "/hit.json" not in error


def test_should_refuse_events_without_greenlets(client: TestApp) -> None:
    error = client.get("/api/events", status=503).json["error"]

    assert error.endswith("allowed: polling /api/sites")
