"""Live updates for the dashboard, as Server-Sent Events."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.concurrency import runs_on_greenlets
from page_tracker.web.handler import Handler, Services
from page_tracker.web.live import SubscriptionError
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response


def events(_request: Request, services: Services) -> Response:
    """Stream the totals of all sites, and then each change, until the client leaves."""
    if not runs_on_greenlets():
        raise _unavailable("each stream would block other requests on this server")
    try:
        stream = services.live.subscribe()
    except SubscriptionError as error:
        raise _unavailable(str(error)) from None
    # Proxies must not buffer events. nginx obeys this header.
    headers = {"X-Accel-Buffering": "no"}
    return Response(HTTPStatus.OK, stream, "text/event-stream", headers)


def _unavailable(reason: str) -> RequestError:
    return RequestError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"events are unavailable: {reason}; allowed: polling /api/sites",
    )


EVENTS = Handler(events, errors.as_json)
