"""The route for many views and pages at once."""

from page_tracker.web.openapi.changes import KEY
from page_tracker.web.openapi.owner import SECURITY, owners
from page_tracker.web.openapi.parts import (
    JSON,
    Object,
    a_day,
    a_list,
    a_number,
    a_text,
    an_object,
    content,
    errors,
    in_json,
    operation,
    ref,
)
from page_tracker.web.openapi.public import A_LIST_OF_PAGES

_VIEW = an_object(page=a_text("A page, such as example.com/blog/post, or its URL."))
_OPTIONAL = {
    "day": a_day("The day of the view. By default, today."),
    "from": a_text("The page that linked to this one, by its host or URL."),
    "visitor": a_text(
        "A text that identifies the visitor.", minLength=1, maxLength=512
    ),
}

SCHEMAS: dict[str, Object] = {
    "Views": an_object(
        views=a_list(_VIEW | {"properties": _VIEW["properties"] | _OPTIONAL})
        | {"minItems": 1, "maxItems": 1000}
    ),
    "CountedViews": an_object(counted=a_number("How many views were counted.")),
    "Tallies": an_object(
        views=a_list(ref("Tally"), "The numbers of each page, in the order asked.")
    ),
}

PATHS: dict[str, Object] = {
    "/api/views": {
        **owners(
            "tallies",
            "The numbers of up to 100 pages.",
            in_json("The numbers.", "Tallies"),
            [A_LIST_OF_PAGES],
        ),
        "post": operation(
            "countMany",
            "Counts up to 1000 views: all or none, and once for each key.",
            in_json("They are counted.", "CountedViews")
            | errors(400, 401, 403, 408, 409, 413, 415, 429, 503),
            [KEY | {"required": True}],
            requestBody={"required": True, "content": content(ref("Views"), JSON)},
            security=SECURITY,
        ),
    }
}
"""The description of each path."""
