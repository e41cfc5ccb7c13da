"""What others see of a tracker: a public site, or the site of a link."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from urllib.parse import quote

import pytest
from webob.request import BaseRequest
from webtest import TestApp, TestResponse

from page_tracker import MemoryBackend, Page, Rules, View, create_app
from page_tracker.backends.shares import Share, digest_of
from page_tracker.counting.naming import Naming
from page_tracker.web import auth, live
from page_tracker.web.access import Access
from page_tracker.web.endpoints import events
from page_tracker.web.request import Request
from page_tracker.web.routes import ROUTES
from tests.owner import BEARER, TOKEN

TODAY = datetime.now(UTC).date()
SHOWN, HIDDEN, PUBLIC = "shown.example", "hidden.example", "public.example"
OTHER_NAME = "www.shown.example"
SECRET, SECRET_OF_HIDDEN = "the-secret-of-the-link", "the-secret-of-another-link"
SECRET_PATH = f"/page-of-{HIDDEN}"

# The routes that show a site to those who may read it.
READABLE = [
    "/api/sites?site={site}",
    "/api/ignored?site={site}",
    "/api/sites/{site}/pages",
    "/api/sites/{site}/pages?days=30",
    "/api/sites/{site}/referrers",
    "/api/sites/{site}/referrers?days=30",
    "/api/sites/{site}/history",
    "/api/sites/{site}/history?path=/",
]


def bearer(secret: str) -> dict[str, str]:
    """Return the credentials of whoever has a link."""
    return {"Authorization": f"Bearer {secret}"}


READERS = {
    "link": bearer(SECRET),
    "other link": bearer(SECRET_OF_HIDDEN),
    "wrong secret": bearer("wrong"),
    "nothing": {},
}


def count(backend: MemoryBackend, site: str, secret: str = "") -> None:
    """Count views of a site, and make a link to it if there is a secret."""
    backend.record(View(Page(site, "/"), TODAY, "someone"))
    page = Page(site, f"/page-of-{site}")
    backend.record(View(page, TODAY, referrer=f"referrer-of-{site}"))
    if secret:
        digest = digest_of(secret.encode())
        assert backend.shares.add(Share(f"id-of-{site}", site, digest, TODAY))


@pytest.fixture(name="backend")
def fixture_backend() -> MemoryBackend:
    """A backend with three sites, two of which have a link."""
    backend = MemoryBackend()
    count(backend, SHOWN, SECRET)
    count(backend, PUBLIC)
    count(backend, HIDDEN, SECRET_OF_HIDDEN)
    return backend


def client_of(backend: MemoryBackend) -> TestApp:
    """Return a client of a tracker with a public site, and with other names."""
    naming = Naming(same_sites={OTHER_NAME: SHOWN})
    rules = Rules(token=TOKEN, public=frozenset([PUBLIC]), naming=naming)
    return TestApp(create_app(backend=backend, rules=rules))


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    return client_of(backend)


@pytest.fixture(name="client_of_fewer_sites")
def fixture_client_of_fewer_sites() -> TestApp:
    """A client of a tracker that has never heard of the hidden site."""
    backend = MemoryBackend()
    count(backend, SHOWN, SECRET)
    count(backend, PUBLIC)
    return client_of(backend)


@pytest.mark.parametrize("path", READABLE)
class TestWhoMayRead:
    """Each route that tells of one site."""

    def test_should_show_a_link_its_site(self, client: TestApp, path: str) -> None:
        answer = client.get(path.format(site=SHOWN), headers=bearer(SECRET))

        assert SHOWN in answer.text

    def test_should_show_a_link_its_site_by_its_other_name(
        self, client: TestApp, path: str
    ) -> None:
        client.get(path.format(site=OTHER_NAME), headers=bearer(SECRET))

    @pytest.mark.parametrize("credentials", READERS.values(), ids=list(READERS))
    def test_should_show_everybody_a_public_site(
        self, client: TestApp, path: str, credentials: dict[str, str]
    ) -> None:
        assert PUBLIC in client.get(path.format(site=PUBLIC), headers=credentials)

    def test_should_show_the_owner_each_site(self, client: TestApp, path: str) -> None:
        assert HIDDEN in client.get(path.format(site=HIDDEN), headers=BEARER)

    @pytest.mark.parametrize("reader", ["link", "wrong secret", "nothing"])
    def test_should_not_tell_whether_another_site_exists(
        self, client: TestApp, path: str, reader: str
    ) -> None:
        answers = [
            client.get(path.format(site=site), headers=READERS[reader], status=401)
            for site in (HIDDEN, "unknown.example", "~", "not%20a%20host")
        ]

        assert len({(answer.text, str(answer.headers)) for answer in answers}) == 1

    def test_should_show_nothing_by_a_revoked_link(
        self, client: TestApp, backend: MemoryBackend, path: str
    ) -> None:
        (share,) = backend.shares.of(SHOWN)
        backend.shares.remove(share)

        client.get(path.format(site=SHOWN), headers=bearer(SECRET), status=401)

    def test_should_show_a_link_without_a_token_of_the_owner(
        self, backend: MemoryBackend, path: str
    ) -> None:
        client = TestApp(create_app(backend=backend))

        client.get(path.format(site=SHOWN), headers=bearer(SECRET))
        client.get(path.format(site=HIDDEN), headers=bearer(SECRET), status=403)


PARAMETERS = {
    "site": [None, SHOWN, PUBLIC, HIDDEN, "*", "", "~", f"{SHOWN}/../{HIDDEN}"],
    "path": [None, SECRET_PATH, f"//{HIDDEN}{SECRET_PATH}", f"/../{HIDDEN}/"],
    "search": [None, "secret"],
}
SITES_IN_PATHS = [
    *(SHOWN, PUBLIC, HIDDEN, "~", "%2E%2E"),
    *(f"{SHOWN}%2F..%2F{HIDDEN}", f"{HIDDEN}%00", f"{SHOWN}%3Fsite={HIDDEN}"),
]


def requests_to(route: str) -> Iterator[tuple[str, str]]:
    """Yield methods and URLs of a route with many values of its parameters.

    GET comes with all combinations of them, the other methods with one value at a time.
    """
    paths = [
        route.format(site=site, file="main.js", namespace=SHOWN, key="/")
        for site in (SITES_IN_PATHS if "{site}" in route else [SHOWN])
    ]
    for path, *values in product(paths, *PARAMETERS.values()):
        given = [
            f"{name}={quote(value)}"
            for name, value in zip(PARAMETERS, values, strict=True)
            if value is not None
        ]
        url = f"{path}?{'&'.join(given)}"
        for method in ("GET", "HEAD", "POST") if len(given) < 2 else ("GET",):
            yield method, url
    yield "GET", f"{paths[0]}?site={SHOWN}&site={HIDDEN}"
    yield "GET", f"{paths[0]}?site={HIDDEN}&site={SHOWN}"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("reader", ["link", "wrong secret", "nothing"])
def test_should_answer_others_as_if_other_sites_did_not_exist(
    client: TestApp, client_of_fewer_sites: TestApp, route: str, reader: str
) -> None:
    for method, url in requests_to(route):
        answers = [
            each.request(url, method=method, headers=READERS[reader], status="*")
            for each in (client, client_of_fewer_sites)
        ]

        assert len({seen_of(answer) for answer in answers}) == 1, (method, url)


def seen_of(answer: TestResponse) -> tuple[int, str, bytes]:
    """Return all that a client sees of an answer."""
    return answer.status_int, str(answer.headers), answer.body


def test_should_not_mix_kept_rankings_of_sites(client: TestApp) -> None:
    client.get(f"/api/sites/{HIDDEN}/pages?days=30", headers=BEARER)
    client.get(f"/api/sites/{HIDDEN}/referrers?days=30", headers=BEARER)

    for what in ("pages", "referrers"):
        url = f"/api/sites/{SHOWN}/{what}?days=30"
        answer = client.get(url, headers=bearer(SECRET))
        assert answer.json["views"] == 2
        assert HIDDEN not in answer.text


@pytest.fixture(name="short_delay")
def fixture_short_delay(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long answers are delayed under gevent, and do not wait."""
    delays: list[float] = []
    monkeypatch.setattr(auth, "runs_on_greenlets", lambda: True)
    monkeypatch.setattr("time.sleep", delays.append)
    return delays


@pytest.mark.parametrize("site", [SHOWN, HIDDEN, "unknown.example"])
def test_should_slow_down_whoever_guesses_a_secret(
    client: TestApp, short_delay: list[float], site: str
) -> None:
    url = f"/api/sites/{site}/pages"

    client.get(url, headers=bearer("guessed"), status=401)

    assert short_delay == [1]
    client.get(f"/api/sites/{SHOWN}/pages", headers=bearer(SECRET))
    assert short_delay == [1]


class TestEvents:
    """The events about one site."""

    @pytest.fixture(autouse=True)
    def fixture_greenlets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "runs_on_greenlets", lambda: True)

    @pytest.mark.parametrize("reader", ["link", "wrong secret", "nothing"])
    @pytest.mark.parametrize("query", ["", f"?site={HIDDEN}", "?site=", "?site=~"])
    def test_should_be_refused_about_others(
        self, client: TestApp, reader: str, query: str
    ) -> None:
        client.get(f"/api/events{query}", headers=READERS[reader], status=401)

    def test_should_tell_of_the_site_alone(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        stream = read_events(client, f"/api/events?site={SHOWN}", bearer(SECRET))

        name, first = next(stream)
        for site in (HIDDEN, SHOWN):
            backend.record(View(Page(site, "/"), TODAY))
        name, second = next(stream)

        assert name == "sites"
        assert [site["site"] for site in first["sites"]] == [SHOWN]
        assert [(site["site"], site["views"]) for site in second["sites"]] == [
            (SHOWN, 3)
        ]

    def test_should_not_come_when_other_sites_change(
        self,
        client: TestApp,
        backend: MemoryBackend,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(live, "_HEARTBEAT_S", 1.5)
        stream = read_events(client, f"/api/events?site={SHOWN}", bearer(SECRET))
        next(stream)

        backend.record(View(Page(HIDDEN, "/"), TODAY))

        assert next(stream) == ("alive", {})

    def test_should_end_when_the_link_is_revoked(
        self,
        client: TestApp,
        backend: MemoryBackend,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(live, "_HEARTBEAT_S", 0.1)
        stream = read_events(client, f"/api/events?site={SHOWN}", bearer(SECRET))
        next(stream)

        (share,) = backend.shares.of(SHOWN)
        backend.shares.remove(share)

        assert {name for name, _ in stream} <= {"alive"}


def read_events(
    client: TestApp, url: str, headers: dict[str, str]
) -> Iterator[tuple[str, dict[str, list[dict[str, object]]]]]:
    """Yield the name and the data of each event."""
    # TestApp would read the stream to its end.
    _, _, parts = BaseRequest.blank(url, headers=headers).call_application(client.app)
    texts = (part.decode() for part in parts)
    for text in texts:
        if text.startswith("event: "):
            name, data, *_ = text.split("\n")
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize(
    ("secret", "goes_on"), [(SECRET, False), (TOKEN, True)], ids=["link", "owner"]
)
def test_should_end_a_stream_if_its_link_is_revoked_before_it_begins(
    backend: MemoryBackend, secret: str, goes_on: bool
) -> None:
    access = Access(auth.Authenticator(TOKEN), backend, Rules(token=TOKEN))
    environ = {"REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": f"Bearer {secret}"}
    (share,) = backend.shares.of(SHOWN)
    backend.shares.remove(share)

    may_go_on = access.goes_on(Request(environ), SHOWN)

    assert may_go_on() == goes_on
