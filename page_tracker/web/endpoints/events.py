"""The numbers as they change, for the owner's page."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.concurrency import runs_on_greenlets
from page_tracker.web.handler import Handler, Services
from page_tracker.web.http import Request, RequestError, Response
from page_tracker.web.live import NoRoomError


def events(_request: Request, services: Services) -> Response:
    """Tell what each site has, and then what changes, for as long as somebody reads."""
    if not runs_on_greenlets():
        raise _instead("here, each who watches would take the place of many who ask")
    try:
        stream = services.live.watch()
    except NoRoomError as error:
        raise _instead(str(error)) from None
    # No proxy may gather what is to be told at once; nginx heeds this.
    headers = {"X-Accel-Buffering": "no"}
    return Response(HTTPStatus.OK, stream, "text/event-stream", headers)


def _instead(reason: str) -> RequestError:
    return RequestError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"no events: {reason}; allowed: to ask for /api/sites again and again",
    )


EVENTS = Handler(events, errors.as_json)
