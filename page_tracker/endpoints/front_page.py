"""The tracker's own front page, which counts and shows its own views."""

from datetime import UTC, datetime
from http import HTTPStatus

from page_tracker.backends.protocol import BackendOverloadedError, CounterBackend
from page_tracker.http import Request, Response
from page_tracker.model import FRONT_PAGE, View
from page_tracker.visitors import visitor


def count(request: Request, backend: CounterBackend) -> Response:
    """Count one view and say how many there are with it."""
    view = View(FRONT_PAGE, datetime.now(UTC).date(), visitor(request))
    return _seen(backend.record(view).site_views)


def preview(_request: Request, backend: CounterBackend) -> Response:
    """Answer what the next view would, and count nothing."""
    day = datetime.now(UTC).date()
    return _seen(backend.tally(FRONT_PAGE, day).site_views + 1)


def sorry(_backend: CounterBackend, error: Exception) -> Response:
    """Tell a visitor that there is no number, and nothing more."""
    if isinstance(error, BackendOverloadedError):
        return Response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Sorry, too many are looking at once 😔",
            "text/html",
            headers=(("Retry-After", "1"),),
        )
    return Response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Sorry, something went wrong 😔", "text/html"
    )


def _seen(views: int) -> Response:
    return Response(
        HTTPStatus.OK, f"This page has been seen {views} times.", "text/html"
    )
