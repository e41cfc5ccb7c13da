"""The tracker's front page, which counts its views and shows their number."""

from http import HTTPStatus

from page_tracker.backends.protocol import BackendOverloadedError, CounterBackend
from page_tracker.counting.model import FRONT_PAGE
from page_tracker.counting.visitors import view_of
from page_tracker.web import errors
from page_tracker.web.cross_origin import ignored_header
from page_tracker.web.handler import Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response


def count(request: Request, services: Services) -> Response:
    """Count one view, and show the number of views including this one."""
    client = request.client(services.rules.trusted_proxies)
    tally = services.backend.record(view_of(FRONT_PAGE, client, services.rules))
    return _show_views(tally.site_views, ignored_header(tally))


def preview(_request: Request, services: Services) -> Response:
    """Show the number that the next view will get, and count nothing."""
    tally = services.backend.tally(FRONT_PAGE, services.rules.today())
    return _show_views(tally.site_views + 1)


def failure(request: Request, backend: CounterBackend, error: Exception) -> Response:
    """Return an error page for visitors, without the reason, or what was wrong."""
    if isinstance(error, RequestError):
        return errors.as_text(request, backend, error)
    if isinstance(error, BackendOverloadedError):
        return Response(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Sorry, too many visitors at once 😔",
            "text/html",
            headers={"Retry-After": "1"},
        )
    return Response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Sorry, something went wrong 😔", "text/html"
    )


def _show_views(views: int, headers: dict[str, str] | None = None) -> Response:
    text = f"This page has been seen {views} times."
    return Response(HTTPStatus.OK, text, "text/html", headers)
