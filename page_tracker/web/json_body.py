"""Requests of the owner that bring JSON, and the keys that let them be sent again."""

import json
import re
from http import HTTPStatus
from typing import Any

from page_tracker.web.request import Request, RequestError

_MEDIA_TYPE = "application/json"
_KEY = re.compile("[!-~]{1,100}")


def read_json(request: Request, limit: int) -> dict[str, Any]:
    """Return the JSON object in the body, of at most so many bytes.

    Its media type is required: a page of another origin cannot send it without asking
    first (Fetch Standard, CORS protocol). Raises RequestError.
    """
    if request.media_type != _MEDIA_TYPE:
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the Content-Type is not allowed; allowed: {_MEDIA_TYPE}",
            {"Accept": _MEDIA_TYPE},
        )
    body = b"".join(request.body_parts(limit))
    try:
        # RFC 8259, 8.1: in UTF-8. From bytes, json takes other encodings, too, and the
        # bytes of half a character.
        text = body.decode("utf-8-sig")
        document = json.loads(text)
        if r"\u" in text:
            # An escape may stand for half a character, which no backend can store.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise RequestError(
            HTTPStatus.BAD_REQUEST, "the body is not JSON; allowed: a JSON object"
        )
    return document


def idempotency_key(request: Request) -> str | None:
    """Return the name that the client gives to the request; None if it gives none.

    See The Idempotency-Key HTTP Header Field (IETF draft). Raises RequestError.
    """
    key = request.idempotency_key
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "the Idempotency-Key is not allowed; allowed: 1 to 100 characters of "
            "ASCII without spaces, such as a UUID",
        )
    return key
