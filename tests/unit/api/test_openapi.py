"""/api/openapi.json describes all routes, and real answers are as described."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest
from openapi_spec_validator import validate
from webtest import TestApp, TestResponse

from page_tracker import BackendError, MemoryBackend, Page, Rules, View, create_app
from page_tracker.web.endpoints import events
from page_tracker.web.routes import ROUTES, route_of
from tests import openapi_page
from tests.description import Description
from tests.owner import BEARER, TOKEN
from tests.unit.pages import GOOGLEBOT

PAGE, KEY = "page=example.com/blog", "example.com/key"
SITE = "/api/sites/example.com"
DAY = date(2026, 11, 25)
COUNTING = ("json", "txt", "svg", "gif")
READING = ("json", "txt", "svg", "shields.json")
# They need greenlets, or counts that are not in memory: tests/integration.
SUCCEED_ELSEWHERE = {"/api/events", "/api/export", "/api/import"}
NO_TOKEN: Mapping[str, str] = {}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRONG = {"Authorization": "Bearer wrong"}


class FixedRules(Rules):
    """Rules with a fixed day."""

    def today(self) -> date:
        """Return the fixed day."""
        return DAY


class Broken(MemoryBackend):
    """A backend that cannot be reached."""

    def _fail(self, *_: object, **__: object) -> NoReturn:
        raise BackendError("out of order")

    record = record_batch = remember = tallies = _fail
    tally = check = sites = pages = history = page_history = _fail
    page_views = referrers = ignored = first_day = _fail


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and the status of its answer."""

    path: str
    status: int = 200
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=lambda: BEARER)
    body: Any = b""
    token: str | None = TOKEN
    is_broken: bool = False
    """Whether the storage cannot be reached."""

    @property
    def route(self) -> str:
        """The route of the path."""
        return route_of(self.path.partition("?")[0])

    def __str__(self) -> str:
        """Return a name for the test."""
        broken = " while the storage is broken" if self.is_broken else ""
        return f"{self.method} {self.path[:60]} {self.status}{broken}"

    def ask(self) -> TestResponse:
        """Ask a tracker that has counted something."""
        backend = Broken() if self.is_broken else MemoryBackend()
        if not self.is_broken:
            count_something(backend)
        rules = FixedRules(token=self.token, sites=frozenset({"example.com"}))
        return TestApp(create_app(backend=backend, rules=rules)).request(
            self.path,
            method=self.method,
            headers=dict(self.headers),
            body=self.body,
            status="*",
        )


def count_something(backend: MemoryBackend) -> None:
    """Count views of a site, and of the tracker's own page."""
    for path, visitor, referrer in (
        ("/blog", "one", "news.example"),
        ("/blog", "two", None),
        ("/about", None, None),
    ):
        page = Page("example.com", path)
        backend.record(View(page, DAY, visitor, referrer=referrer))
    backend.record(View(Page("", "/"), DAY))


def public_calls() -> list[Call]:
    """Return requests to the paths for everybody."""
    paths = [
        f"/{kind}.{end}"
        for kind, ends in (("hit", COUNTING), ("views", READING))
        for end in ends
    ]
    of_pages = [(path, f"{path}?{PAGE}", f"{path}?page=") for path in paths]
    keys = [
        (f"/{each}/{KEY}", f"/{each}/{KEY}", f"/{each}/a/b") for each in ("hit", "get")
    ]
    calls = []
    for path, right, wrong in (*of_pages, *keys):
        is_image = path.endswith((".svg", ".gif"))
        calls += [
            Call(right),
            Call(wrong, 200 if is_image else 400),
            Call(right, 200 if is_image else 503, is_broken=True),
            Call(
                right.replace("example.com", "other.example"), 200 if is_image else 403
            ),
            Call(right, method="OPTIONS", status=204),
            Call(right, 200 if is_image else 405, method="DELETE"),
        ]
        if path.startswith("/hit"):
            calls += [
                Call(right, method="POST"),
                Call(right, headers={"User-Agent": GOOGLEBOT}),
                Call(
                    right,
                    200 if is_image else 413,
                    "POST",
                    headers=FORM,
                    body=b"a" * 20_000,
                ),
            ]
    for path in ("/track.js", "/robots.txt", "/healthz", "/api/openapi.json"):
        calls += [Call(path), Call(path, 405, method="DELETE")]
    return [
        *calls,
        Call("/hit.txt?page=example.com/&host=localhost"),
        Call(f"/views.svg?{PAGE}&color=unknown"),
        Call(f"/views.shields.json?{PAGE}&color=unknown", 400),
        Call("/"),
        Call("/", 500, is_broken=True),
        Call("/", 405, method="DELETE"),
        Call("/readyz"),
        Call("/readyz", 503, is_broken=True),
        Call("/readyz", 405, method="DELETE"),
    ]


def owners_calls() -> list[Call]:
    """Return requests to the paths for the owner."""
    right = {
        "/dashboard": 200,
        "/dashboard/main.js": 200,
        "/dashboard/style.css": 200,
        "/dashboard/icon.svg": 200,
        "/dashboard/none.js": 404,
        "/api/sites": 200,
        "/api/events": 503,
        "/metrics": 200,
        f"{SITE}/pages": 200,
        f"{SITE}/pages?days=7&limit=1": 200,
        f"{SITE}/pages?limit=none": 400,
        "/api/sites/~/pages": 200,
        f"{SITE}/referrers": 200,
        f"{SITE}/referrers?day=2026-11-25&search=news": 200,
        f"{SITE}/referrers?to=2026-11-25": 400,
        f"{SITE}/history": 200,
        f"{SITE}/history?path=/blog&days=2": 200,
        f"{SITE}/history?path=blog": 400,
        "/api/ignored": 200,
        "/api/ignored?site=~&from=2026-11-01": 200,
        "/api/ignored?site=a..b": 400,
        # Counts in memory cannot be exported.
        "/api/export": 409,
        "/api/export?format=none": 400,
        "/api/export?site=other.example": 404,
    }
    calls = [Call(path, status) for path, status in right.items()]
    for path in (each for each in right if "?" not in each):
        calls += [
            Call(path, 401, headers=NO_TOKEN),
            Call(path, 401, headers=WRONG),
            Call(path, 403, token=None),
            Call(path, 405, method="DELETE"),
        ]
        if path.startswith("/api/") and path != "/api/events":
            calls.append(Call(path, 503, is_broken=True))
    file = {**BEARER, "Content-Type": "text/csv"}
    return [
        *calls,
        Call("/api/import", 401, "POST", NO_TOKEN),
        Call("/api/import", 403, "POST", token=None),
        Call("/api/import", 403, "POST", {**file, "Origin": "https://other.example"}),
        Call("/api/import", 409, "POST", file),
        Call("/api/import", 415, "POST"),
        Call("/api/import?dry_run=none", 400, "POST", file),
        Call("/api/import", 405),
        Call("/dashboard/", 308),
        Call("/shared", headers=NO_TOKEN),
        Call("/shared", 405, method="DELETE"),
        Call("/shared/", 308, headers=NO_TOKEN),
        Call("/shared/", 405, method="DELETE"),
        Call("/shared/main.js", headers=NO_TOKEN),
        Call("/shared/none.js", 404, headers=NO_TOKEN),
        Call("/api/sites?site=example.com"),
        Call("/dashboard/", 405, method="DELETE"),
    ]


def with_heads(calls: list[Call]) -> list[Call]:
    """Return the calls, and a HEAD for each GET."""
    heads = [
        Call(
            each.path,
            each.status,
            "HEAD",
            each.headers,
            token=each.token,
            is_broken=each.is_broken,
        )
        for each in calls
        if each.method == "GET"
    ]
    return [*calls, *heads]


def calls_that_change() -> list[Call]:
    """Return requests to change what has been counted."""
    page, site = {"page": "example.com/blog"}, {"site": "example.com"}
    as_json = {**BEARER, "Content-Type": "application/json"}
    changes: list[tuple[dict[str, object], int]] = [
        ({"change": "set", "views": 5, **page}, 200),
        ({"change": "add", "views": 5, "day": DAY.isoformat(), **page}, 200),
        ({"change": "subtract", "views": 1, **page}, 200),
        ({"change": "subtract", "views": 100, **page}, 409),
        ({"change": "delete", **page}, 200),
        ({"change": "delete", **site}, 200),
        ({"change": "rename", "to": "example.com/new", **page}, 200),
        ({"change": "rename", "to": "example.com/about", **page}, 409),
        ({"change": "merge", "into": "example.com/about", **page}, 200),
        ({"change": "merge", "into": "new.example", **site}, 200),
        ({"change": "delete", "site": "other.example"}, 404),
        ({"change": "none"}, 400),
    ]
    path = "/api/changes"
    return [
        *(
            Call(path, status, "POST", as_json, json.dumps(change).encode())
            for change, status in changes
        ),
        Call(path, 401, "POST", NO_TOKEN),
        Call(path, 415, "POST"),
        Call(path, 413, "POST", as_json, b" " * 100_000),
        Call(path, 403, "POST", {**as_json, "Origin": "https://other.example"}),
        Call(path, 405),
    ]


def calls_of_many_views() -> list[Call]:
    """Return requests to count many views, or to read many numbers."""
    path, pages = "/api/views", "page=example.com/blog&page=example.com/about"
    key = {**BEARER, "Content-Type": "application/json", "Idempotency-Key": "a"}
    right = b'{"views": [{"page": "example.com/blog", "visitor": "a"}]}'
    return [
        Call(f"/views.json?{pages}", headers=NO_TOKEN),
        Call(f"/views.json?{pages}&page=", 400, headers=NO_TOKEN),
        Call(f"{path}?{pages}"),
        Call(f"{path}?page=example.com/blog"),
        Call(path, 400),
        Call(f"{path}?page=other.example", 403),
        Call(f"{path}?{pages}", 503, is_broken=True),
        Call(path, 200, "POST", key, right),
        Call(path, 400, "POST", key, b'{"views": []}'),
        Call(path, 403, "POST", {**key, "Origin": "https://other.example"}),
        Call(path, 413, "POST", key, b" " * 2_000_000),
        Call(path, 415, "POST", {**key, "Content-Type": "text/plain"}),
        Call(path, 503, "POST", key, right, is_broken=True),
        Call(path, 401, "POST", NO_TOKEN),
        Call(path, 405, method="DELETE"),
    ]


CALLS = with_heads(
    [*public_calls(), *owners_calls(), *calls_that_change(), *calls_of_many_views()]
)


@pytest.fixture(name="document", scope="module")
def fixture_document() -> dict[str, Any]:
    """The description of a tracker."""
    rules = Rules(public_url="https://counter.example", base_path="/counter")
    client = TestApp(create_app(backend=MemoryBackend(), rules=rules))
    document: dict[str, Any] = client.get("/counter/api/openapi.json").json
    return document


def test_should_be_valid(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "https://counter.example/counter"}]


def test_should_describe_exactly_the_paths_and_methods(
    document: dict[str, Any],
) -> None:
    described = {
        path: {method.upper() for method in methods}
        for path, methods in document["paths"].items()
    }

    assert described == {path: set(methods) for path, methods in ROUTES.items()}


def test_should_use_all_that_it_defines(document: dict[str, Any]) -> None:
    text = str(document)

    for kind in ("schemas", "headers"):
        for name in document["components"][kind]:
            assert f"'#/components/{kind}/{name}'" in text


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_should_answer_as_described(document: dict[str, Any], call: Call) -> None:
    answer = call.ask()

    assert answer.status_int == call.status
    Description(document).check(call.route, call.method, answer)


def test_should_stream_as_described(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "runs_on_greenlets", lambda: True)

    answer = Call("/api/events", method="HEAD").ask()

    assert answer.content_type == "text/event-stream"
    Description(document).check("/api/events", "HEAD", answer)


@pytest.mark.parametrize("route", ROUTES)
def test_should_check_a_success_and_an_error_of_every_route(route: str) -> None:
    asked = {(call.method, call.status < 400) for call in CALLS if call.route == route}

    if route not in SUCCEED_ELSEWHERE:
        assert {(method, True) for method in ROUTES[route]} <= asked
    is_image = route.endswith((".svg", ".gif"))
    assert is_image or any(not succeeded for _, succeeded in asked)


def test_should_be_shown_by_a_page_of_the_documentation() -> None:
    shown = (Path(__file__).parents[3] / "docs/openapi.md").read_text("utf-8")

    assert shown == openapi_page.page(), "python -m tests.openapi_page >docs/openapi.md"


def test_should_let_every_origin_read_the_description(client: TestApp) -> None:
    answer = client.get("/api/openapi.json")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json["servers"] == [{"url": "/"}]
    current = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/api/openapi.json", headers=current).status_int == 304
