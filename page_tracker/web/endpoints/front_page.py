"""The tracker's own front page, which counts and shows its own views."""

from http import HTTPStatus

from page_tracker.backends.protocol import BackendOverloadedError, CounterBackend
from page_tracker.counting.model import FRONT_PAGE
from page_tracker.counting.visitors import view_of
from page_tracker.web.cross_origin import ignored_header
from page_tracker.web.handler import House
from page_tracker.web.http import Request, Response


def count(request: Request, house: House) -> Response:
    """Count one view and say how many there are with it."""
    tally = house.backend.record(view_of(request, FRONT_PAGE, house.rules))
    return _seen(tally.site_views, ignored_header(tally))


def preview(_request: Request, house: House) -> Response:
    """Answer what the next view would, and count nothing."""
    tally = house.backend.tally(FRONT_PAGE, house.rules.today())
    return _seen(tally.site_views + 1)


def sorry(_request: Request, _backend: CounterBackend, error: Exception) -> Response:
    """Tell a visitor that there is no number, and nothing more."""
    if isinstance(error, BackendOverloadedError):
        return Response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Sorry, too many are looking at once 😔",
            "text/html",
            headers={"Retry-After": "1"},
        )
    return Response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Sorry, something went wrong 😔", "text/html"
    )


def _seen(views: int, headers: dict[str, str] | None = None) -> Response:
    text = f"This page has been seen {views} times."
    return Response(HTTPStatus.OK, text, "text/html", headers)
