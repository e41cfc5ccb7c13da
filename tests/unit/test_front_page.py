"""Tests of the front page, counted in memory."""

import logging
from collections.abc import Iterator
from datetime import date
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import BackendError, MemoryBackend, Page, View, create_app
from page_tracker.backends.protocol import BackendOverloadedError
from page_tracker.web.routes import ROUTES

SORRY = "Sorry, something went wrong 😔"
FRONT_PAGE = Page(site="", path="/")
DAY = date(2026, 11, 22)
OWNERS = ("/dashboard/", "/api/", "/shared/")


class BrokenBackend(MemoryBackend):
    """A backend whose operations fail."""

    def record(self, view: View) -> NoReturn:
        raise BackendError("cannot record") from ConnectionError("nobody there")

    def tally(self, page: Page, day: date) -> NoReturn:
        raise BackendError("cannot tally") from ConnectionError("nobody there")


@pytest.fixture(name="broken_client")
def fixture_broken_client() -> TestApp:
    return TestApp(create_app(backend=BrokenBackend()))


def test_should_show_the_number_of_views(client: TestApp) -> None:
    first, second = client.get("/"), client.get("/")

    assert first.status == "200 OK"
    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    assert first.text == "This page has been seen 1 times."
    assert second.text == "This page has been seen 2 times."


def test_should_continue_from_the_stored_views(
    client: TestApp, backend: MemoryBackend
) -> None:
    for _ in range(4):
        backend.record(View(FRONT_PAGE, DAY))

    response = client.get("/")

    assert response.text == "This page has been seen 5 times."
    assert backend.tally(FRONT_PAGE, DAY).site_views == 5


def test_should_answer_head_like_get_without_counting(
    client: TestApp, backend: MemoryBackend
) -> None:
    for _ in range(9):
        backend.record(View(FRONT_PAGE, DAY))

    head = client.head("/")

    assert backend.tally(FRONT_PAGE, DAY).site_views == 9
    assert head.body == b""
    get = client.get("/")  # the tenth view: one more digit
    assert (head.status, head.headerlist) == (get.status, get.headerlist)


@pytest.mark.parametrize("path", ["", "/", "/?utm_source=x"])
def test_should_serve_the_front_page_at_each_form_of_its_url(
    client: TestApp, path: str
) -> None:
    assert client.get(path).text == "This page has been seen 1 times."


@pytest.mark.parametrize(
    "path", ["/x", "/index.html", "/%00", "/%C3%A9", "/%FF", "/.."]
)
def test_should_list_the_paths_when_a_path_is_unknown(
    client: TestApp, backend: MemoryBackend, path: str
) -> None:
    response = client.get(path, status=404)

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    open_to_all = [route for route in ROUTES if not route.startswith(OWNERS)]
    assert len(open_to_all) > 10
    assert all(route in response.text for route in open_to_all)
    assert backend.tally(FRONT_PAGE, DAY).site_views == 0


@pytest.mark.filterwarnings(
    "ignore:Unknown REQUEST_METHOD"
)  # clients send such methods
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get", "BREW"])
def test_should_say_what_is_allowed_when_a_method_is_wrong(
    client: TestApp, backend: MemoryBackend, method: str
) -> None:
    response = client.request("/", method=method, status=405)

    assert response.headers["Allow"] == "GET, HEAD"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "GET, HEAD" in response.text
    assert backend.tally(FRONT_PAGE, DAY).site_views == 0


@pytest.mark.parametrize(
    ("method", "path", "broken"),
    [
        ("GET", "/", False),
        ("GET", "/x", False),
        ("PUT", "/", False),
        ("GET", "/", True),
    ],
)
def test_should_send_security_headers_with_every_response(
    client: TestApp, broken_client: TestApp, method: str, path: str, broken: bool
) -> None:
    tested = broken_client if broken else client

    headers = tested.request(path, method=method, status="*").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_should_show_an_error_page_when_the_backend_fails(
    broken_client: TestApp, method: str
) -> None:
    response = broken_client.request("/", method=method, status=500)

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(SORRY.encode()))
    assert response.text == (SORRY if method == "GET" else "")


def test_should_send_retry_after_when_overloaded() -> None:
    class Overloaded(MemoryBackend):
        """A backend with too many requests."""

        def record(self, view: View) -> NoReturn:
            raise BackendOverloadedError("too many")

    client = TestApp(create_app(backend=Overloaded()))

    response = client.get("/", status=503)

    assert response.headers["Retry-After"] == "1"
    assert response.text == "Sorry, too many visitors at once 😔"


def test_should_log_the_cause_once(
    broken_client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        broken_client.get("/", status=500)

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.message.endswith("cannot record: ConnectionError: nobody there")


def test_should_not_log_recovery_after_a_request_without_the_backend(
    broken_client: TestApp,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("page_tracker.operations.logs._REMINDER_S", 0.0)
    broken_client.get("/", status=500)

    broken_client.get("/x", status=404)

    assert "succeed again" not in caplog.text


class TestSeveralProcesses:
    """Several processes, which cannot share counts in memory."""

    @pytest.fixture(name="client", autouse=True)
    def fixture_client(self, backend: MemoryBackend) -> Iterator[TestApp]:
        yield TestApp(
            create_app(backend=backend), extra_environ={"wsgi.multiprocess": True}
        )

    def test_should_refuse_to_count_in_memory(
        self,
        client: TestApp,
        backend: MemoryBackend,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        assert client.get("/", status=500).text == SORRY
        assert backend.tally(FRONT_PAGE, DAY).site_views == 0
        assert "start one worker, or choose another backend" in caplog.text

    def test_should_count_in_a_shared_backend(
        self, client: TestApp, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backend, "shared", True)

        assert client.get("/").text == "This page has been seen 1 times."
