"""Live updates for the dashboard, as Server-Sent Events."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.concurrency import runs_on_greenlets
from page_tracker.web.endpoints.api_requests import site_of_query
from page_tracker.web.handler import Handler, Services
from page_tracker.web.live import SubscriptionError
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response


def events(request: Request, services: Services) -> Response:
    """Stream the totals of all sites, and then each change, until the client leaves.

    If the query names a site, only its totals and changes are sent.
    """
    site = site_of_query(request, services)
    if not runs_on_greenlets():
        raise _unavailable("each stream would block other requests on this server")
    try:
        if site is None:
            stream = services.live.subscribe()
        else:
            goes_on = services.access.goes_on(request, site)
            stream = services.live.subscribe_to(site, goes_on)
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
