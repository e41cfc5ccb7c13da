"""Error responses: the status, and a reason that every client may read."""

import json
from http import HTTPStatus

from page_tracker.backends.protocol import (
    BackendError,
    BackendOverloadedError,
    CounterBackend,
    LimitReachedError,
)
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response


def explain(error: Exception) -> tuple[HTTPStatus, str]:
    """Return the status and the reason of an error, without confidential details."""
    match error:
        case RequestError():
            return error.status, str(error)
        case LimitReachedError():
            return HTTPStatus.FORBIDDEN, str(error)
        case BackendOverloadedError():
            return HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once"
        case BackendError():
            return (
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the counts are temporarily unavailable",
            )
    return HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong"


def as_text(_request: Request, _backend: CounterBackend, error: Exception) -> Response:
    """Return the reason as plain text."""
    status, reason = explain(error)
    return Response(status, f"{reason}\n", headers=headers_of(status, error))


def as_json(_request: Request, _backend: CounterBackend, error: Exception) -> Response:
    """Return the reason in a JSON object, under the name "error"."""
    status, reason = explain(error)
    body = f"{json.dumps({'error': reason})}\n"
    return Response(status, body, "application/json", headers_of(status, error))


def headers_of(status: HTTPStatus, error: Exception) -> dict[str, str]:
    """Return the headers that belong to an error in any format."""
    headers = dict(error.headers) if isinstance(error, RequestError) else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    return headers
