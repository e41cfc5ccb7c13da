"""Endpoints for the owner of the tracker, or for readers of one site."""

from collections.abc import Callable

from page_tracker.backends.protocol import CounterBackend
from page_tracker.web.handler import Handler, Methods, Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response

# Other origins cannot embed these responses, links in them do not reveal their URL, and
# no search engine shows them.
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


def for_owner(handler: Handler) -> Methods:
    """Return the handler for GET and HEAD requests that carry the token."""
    return _read_only(_guarded(handler, _is_owner))


def for_readers(
    handler: Handler, site_of: Callable[[Request, Services], str | None]
) -> Methods:
    """Return the handler for GET and HEAD requests that may read a site.

    The function returns the site that a request is about, or None for all sites.
    """

    def check(request: Request, services: Services) -> None:
        try:
            site = site_of(request, services)
        except RequestError:
            # Only the owner learns what is wrong with the name.
            site = None
        services.access.check(request, site)

    return _read_only(_guarded(handler, check))


def posted_by_owner(handler: Handler) -> Methods:
    """Return the handler for POST requests that carry the token."""
    return {"POST": _guarded(handler, _is_owner)}


def _is_owner(request: Request, services: Services) -> None:
    services.authenticator.check(request)


def _read_only(handler: Handler) -> Methods:
    return {"GET": handler, "HEAD": handler}


def _guarded(handler: Handler, check: Callable[[Request, Services], None]) -> Handler:
    def respond(request: Request, services: Services) -> Response:
        check(request, services)
        return _add_headers(handler.respond(request, services))

    def failure(
        request: Request, backend: CounterBackend, error: Exception
    ) -> Response:
        return _add_headers(handler.failure(request, backend, error))

    return Handler(respond, failure)


def _add_headers(response: Response) -> Response:
    return response._replace(headers=_HEADERS | (response.headers or {}))
