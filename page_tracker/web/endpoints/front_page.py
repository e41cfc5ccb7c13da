"""The tracker's own front page, which counts and shows its own views."""

from http import HTTPStatus

from page_tracker.backends.protocol import BackendOverloadedError, CounterBackend
from page_tracker.counting.model import FRONT_PAGE
from page_tracker.counting.visitors import view_of
from page_tracker.web.cross_origin import ignored_header
from page_tracker.web.handler import Services
from page_tracker.web.http import Request, Response


def count(request: Request, services: Services) -> Response:
    """Count one view and say how many there are with it."""
    client = request.client(services.rules.trusted_proxies)
    tally = services.backend.record(view_of(FRONT_PAGE, client, services.rules))
    return _seen(tally.site_views, ignored_header(tally))


def preview(_request: Request, services: Services) -> Response:
    """Answer what the next view would, and count nothing."""
    tally = services.backend.tally(FRONT_PAGE, services.rules.today())
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
