"""Who is counted as a visitor."""

from datetime import UTC, datetime

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app
from page_tracker.http import Request
from page_tracker.model import FRONT_PAGE
from page_tracker.visitors import visitor


def request(**changed: str) -> Request:
    """A request by somebody, changed by these variables of the environ."""
    environ = {
        "REQUEST_METHOD": "GET",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_USER_AGENT": "Browser/1.0",
        "wsgi.multiprocess": False,
    }
    return Request.from_environ(environ | changed)


def test_should_know_a_visitor_again() -> None:
    assert visitor(request()) == visitor(request(PATH_INFO="/other"))


@pytest.mark.parametrize(
    "changed",
    [
        {"REMOTE_ADDR": "192.0.2.2"},
        {"REMOTE_ADDR": ""},
        {"HTTP_USER_AGENT": "Browser/1.1"},
        {"HTTP_USER_AGENT": "\xff\n"},
    ],
)
def test_should_not_take_one_visitor_for_another(changed: dict[str, str]) -> None:
    assert visitor(request(**changed)) != visitor(request())


@pytest.mark.parametrize("wish", ["HTTP_DNT", "HTTP_SEC_GPC"])
def test_should_heed_who_does_not_want_to_be_tracked(wish: str) -> None:
    assert visitor(request(**{wish: "1"})) is None
    assert visitor(request(**{wish: "0"})) is not None


def test_should_count_visitors_of_the_front_page() -> None:
    backend = MemoryBackend()
    client = TestApp(create_app(backend=backend))

    for agent in ("one", "two", "one"):
        client.get("/", headers={"User-Agent": agent})
    client.get("/", headers={"User-Agent": "three", "DNT": "1"})

    tally = backend.tally(FRONT_PAGE, datetime.now(UTC).date())
    assert (tally.site_views, tally.site_visitors_today) == (4, 2)
