"""Tests of authentication: the owner's endpoints accept only the token."""

import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Rules, create_app
from page_tracker.web import auth
from page_tracker.web.routes import ROUTES
from tests.owner import BEARER, TOKEN, basic
from tests.servers import wait_until

# They hold no numbers.
FOR_EVERYBODY = {"/dashboard/", "/api/openapi.json"}
REQUESTS = [
    (route.format(site="example.com", file="index.html"), method)
    for route, methods in ROUTES.items()
    if route.startswith(("/api/", "/dashboard", "/metrics"))
    and route not in FOR_EVERYBODY
    for method in methods
]
# Statuses of authorized requests. Some paths do not exist, or need greenlets, a body
# or counts in a file.
AUTHORIZED = {200, 400, 404, 409, 415, 503}
WRONG = [
    basic("owner", TOKEN[:-1]),
    basic("owner", f"{TOKEN}x"),
    basic(TOKEN, ""),
    basic("owner", "ü" * 20),
    {"Authorization": f"Bearer {TOKEN.upper()}"},
    {"Authorization": f"Bearer {TOKEN} {TOKEN}"},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer \xfc\xff"},
    {"Authorization": "Basic"},
    {"Authorization": "Basic !!!"},
    {"Authorization": "Basic \xfc"},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": f"Basic {b64encode(TOKEN.encode()).decode()}"},
    {"Authorization": f"Basic {b64encode(bytes(range(256))).decode()}"},
    {"Authorization": f'Digest username="{TOKEN}"'},
    {"Authorization": TOKEN},
    {"Authorization": ","},
]


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    """A client of a tracker with a token. It sends no credentials."""
    return TestApp(create_app(backend=backend, rules=Rules(token=TOKEN)))


@pytest.fixture(name="short_delay")
def fixture_short_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delay wrong tokens as under gevent, but for only 0.2 s."""
    monkeypatch.setattr(auth, "runs_on_greenlets", lambda: True)
    monkeypatch.setattr(auth, "_DELAY_S", 0.2)


@pytest.fixture(name="pool")
def fixture_pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(80) as pool:
        yield pool


@pytest.mark.parametrize("path,method", REQUESTS)
class TestEveryRoute:
    """Each route that only the owner may use."""

    @pytest.mark.parametrize("credentials", [{}, BEARER], ids=["none", "some"])
    def test_should_refuse_everybody_if_no_token_is_set(
        self,
        backend: MemoryBackend,
        path: str,
        method: str,
        credentials: dict[str, str],
    ) -> None:
        closed = TestApp(create_app(backend=backend))

        answer = closed.request(path, method=method, headers=credentials, status=403)

        assert "WWW-Authenticate" not in answer.headers
        assert method == "HEAD" or "page-tracker token" in answer.text

    @pytest.mark.parametrize("credentials", [{}, {"Authorization": ""}])
    def test_should_ask_for_the_token(
        self,
        client: TestApp,
        path: str,
        method: str,
        credentials: dict[str, str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        answer = client.request(path, method=method, headers=credentials, status=401)

        challenges = answer.headers["WWW-Authenticate"]
        assert challenges.startswith('Basic realm="page-tracker", charset="UTF-8"')
        assert 'Bearer realm="page-tracker"' in challenges
        assert not caplog.messages

    @pytest.mark.parametrize("credentials", WRONG)
    def test_should_refuse_wrong_credentials(
        self,
        client: TestApp,
        path: str,
        method: str,
        credentials: dict[str, str],
    ) -> None:
        answer = client.request(path, method=method, headers=credentials, status=401)

        assert "WWW-Authenticate" in answer.headers

    @pytest.mark.parametrize(
        "credentials",
        [
            BEARER,
            {"Authorization": f"bearer  {TOKEN} "},
            basic("owner", TOKEN),
            basic("", TOKEN),
            basic("jürgen", TOKEN),
            {"Authorization": basic("x", TOKEN)["Authorization"].replace("B", "b", 1)},
        ],
    )
    def test_should_accept_the_token(
        self,
        client: TestApp,
        path: str,
        method: str,
        credentials: dict[str, str],
    ) -> None:
        answer = client.request(path, method=method, headers=credentials, status="*")

        assert answer.status_int in AUTHORIZED

    @pytest.mark.parametrize("credentials", [{}, BEARER, basic("owner", "wrong")])
    def test_should_forbid_shared_caches_and_other_origins(
        self,
        client: TestApp,
        path: str,
        method: str,
        credentials: dict[str, str],
    ) -> None:
        answer = client.request(path, method=method, headers=credentials, status="*")

        assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not [n for n in answer.headers if n.startswith("Access-Control-")]


@pytest.mark.parametrize(
    "path,method",
    [
        (path, method)
        for path in dict(REQUESTS)
        for method in ("POST", "PUT", "DELETE", "OPTIONS")
        if (path, method) not in REQUESTS
    ],
)
def test_should_allow_only_the_methods_of_the_route(
    client: TestApp, path: str, method: str
) -> None:
    answer = client.request(path, method=method, headers=BEARER, status=405)

    allowed = [each for route, each in REQUESTS if route == path]
    assert answer.headers["Allow"] == ", ".join(allowed)
    assert "Access-Control-Allow-Origin" not in answer.headers
    is_api = path.startswith("/api/")
    assert answer.content_type == ("application/json" if is_api else "text/plain")


def test_should_explain_errors_in_the_format_of_the_route(client: TestApp) -> None:
    assert "PAGE_TRACKER_TOKEN" in client.get("/api/sites", status=401).json["error"]
    page = client.get("/dashboard", status=401)
    assert page.content_type == "text/plain"
    assert "PAGE_TRACKER_TOKEN" in page.text


def test_should_protect_routes_below_a_base_path(backend: MemoryBackend) -> None:
    rules = Rules(token=TOKEN, base_path="/counter")
    client = TestApp(create_app(backend=backend, rules=rules))

    client.get("/counter/api/sites", status=401)
    client.get("/counter/api/sites", headers=BEARER, status=200)


def test_should_log_attempts_briefly_without_credentials(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        client.get("/dashboard", headers=basic("mallory", "guess"), status=401)

    assert caplog.messages == ["Not authorized: the token is wrong (1 refused so far)"]


def test_should_not_show_the_token() -> None:
    assert TOKEN not in repr(Rules(token=TOKEN))


@pytest.mark.usefixtures("short_delay")
class TestAttempts:
    """Requests with a wrong token, when requests run on greenlets."""

    def test_should_delay_the_response(self, client: TestApp) -> None:
        begun = time.monotonic()

        client.get("/dashboard", headers=basic("owner", "guess"), status=401)

        assert time.monotonic() - begun >= 0.2

    def test_should_not_delay_other_requests(
        self, client: TestApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "_DELAY_S", 10)
        begun = time.monotonic()

        client.get("/dashboard", headers=BEARER)
        client.get("/dashboard", status=401)
        client.get("/hit.txt?page=a.example")

        assert time.monotonic() - begun < 5

    def test_should_refuse_at_once_when_too_many_are_delayed(
        self,
        client: TestApp,
        pool: ThreadPoolExecutor,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(auth, "_DELAY_S", 1)
        delays_end = Event()
        delay = SimpleNamespace(sleep=lambda _: delays_end.wait(10))
        monkeypatch.setattr(auth, "time", delay)

        def guess(_: int) -> tuple[int, str | None]:
            answer = client.get("/api/sites", headers=basic("x", "guess"), status="*")
            return answer.status_int, answer.headers.get("Retry-After")

        attempts = [pool.submit(guess, number) for number in range(70)]
        wait_until(lambda: sum(done.done() for done in attempts) == 6, "refusals")
        client.get("/api/sites", headers=BEARER, status=200)

        delays_end.set()
        answers = [attempt.result() for attempt in attempts]
        assert answers.count((429, "1")) == 6
        assert answers.count((401, None)) == 64
        client.get("/api/sites", headers=basic("x", "guess"), status=401)
