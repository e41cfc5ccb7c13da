"""Endpoints that only the owner of the tracker may use."""

from dataclasses import replace

from page_tracker.backends.protocol import CounterBackend
from page_tracker.web.handler import Handler, Methods, Services
from page_tracker.web.http import Request, Response

# Other origins cannot embed these responses, and do not learn their address.
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def for_owner(handler: Handler) -> Methods:
    """Return the handler for GET and HEAD requests that carry the token."""

    def answer(request: Request, services: Services) -> Response:
        services.authenticator.check(request)
        return _own(handler.answer(request, services))

    def failed(request: Request, backend: CounterBackend, error: Exception) -> Response:
        return _own(handler.failed(request, backend, error))

    guarded = Handler(answer, failed)
    return {"GET": guarded, "HEAD": guarded}


def _own(response: Response) -> Response:
    return replace(response, headers=_HEADERS | (response.headers or {}))
