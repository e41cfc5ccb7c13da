"""The parts of which the description of a route consists (OpenAPI 3.1, 4.8)."""

from collections.abc import Mapping, Sequence
from typing import Any

Object = dict[str, Any]

JSON, TEXT = "application/json", "text/plain"
FORM = "application/x-www-form-urlencoded"

_ERRORS = {
    400: "A parameter or the content is wrong. The reason says what is allowed.",
    401: "The token is missing or wrong.",
    403: "This is not allowed. The reason says why.",
    404: "It does not exist.",
    408: "The content took too long to arrive.",
    409: "It contradicts what is stored.",
    413: "The content is too large.",
    415: "The content has another type.",
    429: "Too many requests at once. `Retry-After` says when to try again.",
    503: "The counts are unavailable now. `Retry-After` says when to try again.",
    507: "No space is left for the content.",
}
_HEADERS = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}
_OTHER_ERRORS = "Any other error, such as 405, 414, 431 or 500."


def ref(name: str) -> Object:
    """Return the schema with this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(schema: Object, *media_types: str) -> Object:
    """Return a content of each of these types."""
    return {media_type: {"schema": schema} for media_type in media_types}


def answer(
    description: str, of: Object | None, *headers: str, status: int = 200
) -> Object:
    """Return the answers with this status. Headers are named as in `components`."""
    described: Object = {"description": description}
    if of is not None:
        described["content"] = of
    if headers:
        described["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in headers
        }
    return {str(status): described}


def in_json(description: str, schema: str, *headers: str) -> Object:
    """Return the answer 200 in JSON, with the schema of this name."""
    return answer(description, content(ref(schema), JSON), *headers)


def errors(*statuses: int, of: Object | None = None) -> Object:
    """Return the answers with these statuses, and with any other, in one form.

    By default, they are JSON objects with the key "error".
    """
    of = of or content(ref("Error"), JSON)
    described: Object = {}
    for status in statuses:
        headers = _HEADERS.get(status, [])
        described |= answer(_ERRORS[status], of, *headers, status=status)
    return described | {"default": {"description": _OTHER_ERRORS, "content": of}}


def parameter(
    name: str,
    description: str,
    schema: Object | None = None,
    *,
    where: str = "query",
    required: bool = False,
) -> Object:
    """Return a parameter, which is a text unless a schema says otherwise."""
    return {
        "name": name,
        "in": where,
        "description": description,
        "required": required or where == "path",
        "schema": schema or {"type": "string"},
    }


def operation(
    name: str,
    summary: str,
    answers: Mapping[str, Object],
    parameters: Sequence[Object] = (),
    **others: Any,
) -> Object:
    """Return an operation. It needs no token, unless `security` says otherwise."""
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": dict(answers),
        "security": [],
        **others,
    }


def with_head(get: Object, **others: Object) -> Object:
    """Return a path whose GET is answered to a HEAD, too, without the content."""
    head = get | {
        "operationId": f"{get['operationId']}Head",
        "summary": "The headers of GET. Counts nothing.",
        "responses": {
            status: {key: value for key, value in each.items() if key != "content"}
            for status, each in get["responses"].items()
        },
    }
    return {"get": get, "head": head, **others}


def an_object(description: str = "", /, **properties: Object) -> Object:
    """Return the schema of an object that has all of these properties."""
    schema: Object = {
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }
    return schema | ({"description": description} if description else {})


def a_list(items: Object, description: str = "") -> Object:
    """Return the schema of a list."""
    schema: Object = {"type": "array", "items": items}
    return schema | ({"description": description} if description else {})


def a_text(description: str = "", **others: Any) -> Object:
    """Return the schema of a text."""
    return {"type": "string", "description": description, **others}


def a_number(description: str = "", minimum: int = 0, **others: Any) -> Object:
    """Return the schema of a whole number."""
    return {
        "type": "integer",
        "minimum": minimum,
        "description": description,
        **others,
    }


def a_day(description: str = "", *, or_null: bool = False) -> Object:
    """Return the schema of a day such as 2026-11-23."""
    return {
        "type": ["string", "null"] if or_null else "string",
        "format": "date",
        "description": description,
    }
