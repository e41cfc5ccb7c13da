"""Who is counted as a visitor."""

from datetime import UTC, date, datetime
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import BackendError, MemoryBackend, create_app
from page_tracker.http import Request
from page_tracker.model import FRONT_PAGE
from page_tracker.visitors import visitor

DAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)


def request(**changed: str) -> Request:
    """A request by somebody, changed by these variables of the environ."""
    environ = {
        "REQUEST_METHOD": "GET",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_USER_AGENT": "Browser/1.0",
        "wsgi.multiprocess": False,
    }
    return Request.from_environ(environ | changed)


@pytest.fixture(name="backend")
def fixture_backend() -> MemoryBackend:
    return MemoryBackend()


def test_should_know_a_visitor_again(backend: MemoryBackend) -> None:
    known = visitor(request(), "example.com", DAY, backend)

    assert known == visitor(request(PATH_INFO="/x"), "example.com", DAY, backend)
    assert known is not None and len(known) == 8


@pytest.mark.parametrize(
    ("changed", "site", "day"),
    [
        ({"REMOTE_ADDR": "192.0.2.2"}, "example.com", DAY),
        ({"REMOTE_ADDR": ""}, "example.com", DAY),
        ({"HTTP_USER_AGENT": "Browser/1.1"}, "example.com", DAY),
        ({"HTTP_USER_AGENT": "\xff\n"}, "example.com", DAY),
        ({}, "www.example.com", DAY),
        ({}, "example.com", TOMORROW),
    ],
)
def test_should_not_take_one_visitor_for_another(
    backend: MemoryBackend, changed: dict[str, str], site: str, day: date
) -> None:
    known = visitor(request(), "example.com", DAY, backend)

    assert visitor(request(**changed), site, day, backend) != known


def test_should_not_know_a_visitor_without_the_salt(backend: MemoryBackend) -> None:
    known = visitor(request(), "", DAY, backend)

    assert visitor(request(), "", DAY, MemoryBackend()) != known


@pytest.mark.parametrize("wish", ["HTTP_DNT", "HTTP_SEC_GPC"])
def test_should_heed_who_does_not_want_to_be_tracked(
    backend: MemoryBackend, wish: str
) -> None:
    assert visitor(request(**{wish: "1"}), "", DAY, backend) is None
    assert visitor(request(**{wish: "0"}), "", DAY, backend) is not None


def test_should_count_the_view_when_there_is_no_salt() -> None:
    class Saltless(MemoryBackend):
        """A backend that cannot tell the salt."""

        def salt(self, day: date) -> NoReturn:
            raise BackendError("the salt is elsewhere")

    backend = Saltless()

    TestApp(create_app(backend=backend)).get("/")

    tally = backend.tally(FRONT_PAGE, datetime.now(UTC).date())
    assert (tally.site_views, tally.site_visitors_today) == (1, 0)


def test_should_count_visitors_of_the_front_page(backend: MemoryBackend) -> None:
    client = TestApp(create_app(backend=backend))

    for agent in ("one", "two", "one"):
        client.get("/", headers={"User-Agent": agent})
    client.get("/", headers={"User-Agent": "three", "DNT": "1"})

    tally = backend.tally(FRONT_PAGE, datetime.now(UTC).date())
    assert (tally.site_views, tally.site_visitors_today) == (4, 2)
