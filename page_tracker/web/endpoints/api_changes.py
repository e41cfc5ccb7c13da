"""POST /api/changes: correct, delete, rename or merge what has been counted."""

import json
from dataclasses import asdict
from http import HTTPStatus

from page_tracker.backends.protocol import TooFewViewsError
from page_tracker.changes.documents import parse_change
from page_tracker.changes.errors import (
    ChangeError,
    ConflictError,
    UnknownError,
)
from page_tracker.changes.making import make
from page_tracker.web import errors
from page_tracker.web.endpoints.api_requests import json_response
from page_tracker.web.handler import Handler, Services
from page_tracker.web.json_body import idempotency_key, read_json
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response
from page_tracker.web.same_origin import check_origin

# Two names of at most 2 048 bytes, each as up to six characters.
_MAX_BYTES = 32 * 1024


def change(request: Request, services: Services) -> Response:
    """Make the change in the body. Raises RequestError."""
    check_origin(request, services.rules)
    key = idempotency_key(request)
    document = read_json(request, _MAX_BYTES)
    try:
        made = make(parse_change(document), services.backend, services.rules, key)
    except ChangeError as error:
        raise RequestError(_status_of(error), str(error)) from None
    except TooFewViewsError as error:
        raise RequestError(HTTPStatus.CONFLICT, str(error)) from None
    return json_response(json.dumps(asdict(made)))


def _status_of(error: ChangeError) -> HTTPStatus:
    match error:
        case UnknownError():
            return HTTPStatus.NOT_FOUND
        case ConflictError():
            return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST


CHANGE = Handler(change, errors.as_json)
