"""Tests of the dashboard's static files over HTTP."""

from importlib.resources import files

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, Rules, create_app
from tests.owner import TOKEN, owner_of

FILES = {
    file.name: file.read_bytes()
    for file in files("page_tracker").joinpath("web/static/dashboard").iterdir()
}
OTHERS = sorted(FILES.keys() - {"index.html"})
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    return owner_of(create_app(backend=backend, rules=Rules(token=TOKEN)))


def test_should_show_the_page(client: TestApp) -> None:
    page = client.get("/dashboard")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.body == FILES["index.html"]


def test_should_name_the_public_url_in_the_page(backend: MemoryBackend) -> None:
    rules = Rules(token=TOKEN, public_url="https://c.example", base_path="/counter")
    client = owner_of(create_app(backend=backend, rules=rules))

    page = client.get("/dashboard")

    assert '<meta name="public-url" content="https://c.example/counter/">' in page.text
    assert page.text.count("c.example") == 1


@pytest.mark.parametrize("name", OTHERS)
def test_should_serve_its_files(client: TestApp, name: str) -> None:
    types = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

    file = client.get(f"/dashboard/{name}")

    assert file.body == FILES[name]
    assert file.content_type == types[name.rpartition(".")[2]]


@pytest.mark.parametrize("path", ["", *(f"/{name}" for name in OTHERS)])
def test_should_have_a_strict_policy_and_be_revalidated(
    client: TestApp, path: str
) -> None:
    shown = client.get(f"/dashboard{path}")

    assert shown.headers["Content-Security-Policy"] == STRICT
    assert shown.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": shown.headers["ETag"]}
    again = client.get(f"/dashboard{path}", headers=known, status=304)
    assert again.body == b""
    assert again.headers["Content-Security-Policy"] == STRICT


def test_should_not_confirm_an_etag_without_the_token(
    client: TestApp,
) -> None:
    known = {"If-None-Match": client.get("/dashboard").headers["ETag"]}
    known["Authorization"] = "Bearer of-somebody-else"

    client.get("/dashboard", headers=known, status=401)


@pytest.mark.parametrize("path", ["/dashboard/", "/counter/dashboard/"])
def test_should_redirect_to_the_page(backend: MemoryBackend, path: str) -> None:
    rules = Rules(token=TOKEN, base_path="/counter")
    client = TestApp(create_app(backend=backend, rules=rules))

    answer = client.get(path, status=308)

    # Relative to the URL in the browser, since a proxy may have removed a prefix.
    assert answer.headers["Location"] == "../dashboard"


@pytest.mark.parametrize(
    "name", ["x", "index.html", "..%2F..%2Fapp.py", "%00", "%FF", "{file}"]
)
def test_should_serve_no_other_files(client: TestApp, name: str) -> None:
    answer = client.get(f"/dashboard/{name}", status="*")

    assert answer.status_int == (400 if name == "%FF" else 404)
