"""The route for changes of what has been counted."""

from page_tracker.counting.model import MAX_VIEWS
from page_tracker.web.openapi.owner import SECURITY
from page_tracker.web.openapi.parts import (
    JSON,
    Object,
    a_day,
    a_number,
    a_text,
    an_object,
    content,
    errors,
    in_json,
    operation,
    parameter,
    ref,
)

_PAGE = a_text("A page, such as example.com/blog/post; ~/ for the tracker's own.")
_SITE = a_text("A site, such as example.com; ~ for the tracker's own.")
_VIEWS = a_number("How many views.", maximum=MAX_VIEWS)
_SOME_VIEWS = a_number("How many views.", 1, maximum=MAX_VIEWS)


def _change(kind: str, description: str, **properties: Object) -> Object:
    return an_object(description, change={"const": kind}, **properties)


def _with_day(schema: Object) -> Object:
    """Return the schema of a change that may name a day."""
    day = a_day("Also on this day.")
    return schema | {"properties": schema["properties"] | {"day": day}}


_CHANGES = [
    _change("set", "Sets the total views of a page.", page=_PAGE, views=_VIEWS),
    _with_day(_change("add", "Adds views.", page=_PAGE, views=_SOME_VIEWS)),
    _with_day(_change("subtract", "Takes views out.", page=_PAGE, views=_SOME_VIEWS)),
    _change("delete", "Deletes a page.", page=_PAGE),
    _change("delete", "Deletes a site.", site=_SITE),
    _change("rename", "Renames a page.", page=_PAGE, to=_PAGE),
    _change("rename", "Renames a site.", site=_SITE, to=_SITE),
    _change("merge", "Adds a page to another one.", page=_PAGE, into=_PAGE),
    _change("merge", "Adds a site to another one.", site=_SITE, into=_SITE),
]
_NUMBERS: Object = {"type": "object", "additionalProperties": a_number()}

SCHEMAS: dict[str, Object] = {
    "Change": {"oneOf": _CHANGES},
    "MadeChange": an_object(
        change=ref("Change"),
        before=_NUMBERS | {"description": "The numbers of views before it."},
        after=_NUMBERS | {"description": "The numbers of views after it."},
        undo={
            "oneOf": [ref("Change"), {"type": "null"}],
            "description": "A change that undoes it exactly, if there is one.",
        },
        how_to_undo=a_text("The command, or the other way, to undo it."),
    ),
}
KEY = parameter(
    "Idempotency-Key",
    "A name for the request. With the same name, it is done once in 48 hours.",
    {"type": "string", "pattern": "^[!-~]{1,100}$"},
    where="header",
)

PATHS: dict[str, Object] = {
    "/api/changes": {
        "post": operation(
            "change",
            "Corrects, deletes, renames or merges what has been counted.",
            in_json("The change has been made.", "MadeChange")
            | errors(400, 401, 403, 404, 408, 409, 413, 415, 429, 503),
            [KEY],
            requestBody={"required": True, "content": content(ref("Change"), JSON)},
            security=SECURITY,
        )
    }
}
"""The description of each path."""
