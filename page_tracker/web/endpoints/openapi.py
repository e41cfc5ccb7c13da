"""The description of the routes for programs, as JSON."""

import json
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.cross_origin import FOR_ALL_ORIGINS
from page_tracker.web.handler import Handler, Services
from page_tracker.web.openapi import describe
from page_tracker.web.request import Request
from page_tracker.web.response import Response

# Programs ask again whether their copy is current, because an upgrade may change it.
_HEADERS = FOR_ALL_ORIGINS | {"Cache-Control": "public, no-cache"}


def openapi(_request: Request, services: Services) -> Response:
    """Return the description, with the address of the tracker."""
    return _describe(f"{services.rules.public_url}{services.rules.base_path}")


@lru_cache(maxsize=1)
def _describe(url: str) -> Response:
    text = f"{json.dumps(describe(url))}\n"
    return Response(
        HTTPStatus.OK,
        text,
        "application/json",
        _HEADERS,
        etag=f'"{sha256(text.encode()).hexdigest()[:16]}"',
    )


OPENAPI = Handler(openapi, errors.as_json)
