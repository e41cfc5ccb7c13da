"""The tracker's own front page, which counts and shows its own views."""

from http import HTTPStatus

from page_tracker.backends.protocol import CounterBackend
from page_tracker.http import Response
from page_tracker.model import FRONT_PAGE, View


def count(backend: CounterBackend) -> Response:
    """Count one view and say how many there are with it."""
    return _seen(backend.record(View(FRONT_PAGE)).site_views)


def preview(backend: CounterBackend) -> Response:
    """Answer what the next view would, and count nothing."""
    return _seen(backend.tally(FRONT_PAGE).site_views + 1)


def sorry(_backend: CounterBackend, _error: Exception) -> Response:
    """Tell a visitor that there is no number, and nothing more."""
    return Response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Sorry, something went wrong 😔", "text/html"
    )


def _seen(views: int) -> Response:
    return Response(
        HTTPStatus.OK, f"This page has been seen {views} times.", "text/html"
    )
