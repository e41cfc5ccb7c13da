"""Who is counted as a visitor."""

from datetime import UTC, datetime

import pytest
from webtest import TestApp

from page_tracker import MemoryBackend, create_app
from page_tracker.http import Request
from page_tracker.model import FRONT_PAGE
from page_tracker.visitors import visitor

SALT = b"0123456789abcdef"


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
    known = visitor(request(), "example.com", SALT)

    assert known == visitor(request(PATH_INFO="/other"), "example.com", SALT)
    assert known is not None and len(known) == 8


@pytest.mark.parametrize(
    ("changed", "site", "salt"),
    [
        ({"REMOTE_ADDR": "192.0.2.2"}, "example.com", SALT),
        ({"REMOTE_ADDR": ""}, "example.com", SALT),
        ({"HTTP_USER_AGENT": "Browser/1.1"}, "example.com", SALT),
        ({"HTTP_USER_AGENT": "\xff\n"}, "example.com", SALT),
        ({}, "www.example.com", SALT),
        ({}, "example.com", SALT[::-1]),
    ],
)
def test_should_not_take_one_visitor_for_another(
    changed: dict[str, str], site: str, salt: bytes
) -> None:
    known = visitor(request(), "example.com", SALT)

    assert visitor(request(**changed), site, salt) != known


@pytest.mark.parametrize("wish", ["HTTP_DNT", "HTTP_SEC_GPC"])
def test_should_heed_who_does_not_want_to_be_tracked(wish: str) -> None:
    assert visitor(request(**{wish: "1"}), "", SALT) is None
    assert visitor(request(**{wish: "0"}), "", SALT) is not None


def test_should_count_visitors_of_the_front_page() -> None:
    backend = MemoryBackend()
    client = TestApp(create_app(backend=backend))

    for agent in ("one", "two", "one"):
        client.get("/", headers={"User-Agent": agent})
    client.get("/", headers={"User-Agent": "three", "DNT": "1"})

    tally = backend.tally(FRONT_PAGE, datetime.now(UTC).date())
    assert (tally.site_views, tally.site_visitors_today) == (4, 2)
