"""Endpoints that only the owner of the tracker may use."""

from dataclasses import replace

from page_tracker.backends.protocol import CounterBackend
from page_tracker.web.handler import Handler, Methods, Services
from page_tracker.web.request import Request
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
    guarded = _guarded(handler)
    return {"GET": guarded, "HEAD": guarded}


def posted_by_owner(handler: Handler) -> Methods:
    """Return the handler for POST requests that carry the token."""
    return {"POST": _guarded(handler)}


def _guarded(handler: Handler) -> Handler:
    def respond(request: Request, services: Services) -> Response:
        services.authenticator.check(request)
        return _add_headers(handler.respond(request, services))

    def failure(
        request: Request, backend: CounterBackend, error: Exception
    ) -> Response:
        return _add_headers(handler.failure(request, backend, error))

    return Handler(respond, failure)


def _add_headers(response: Response) -> Response:
    return replace(response, headers=_HEADERS | (response.headers or {}))
