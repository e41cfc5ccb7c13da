"""The routes for everybody."""

from page_tracker.web.formats.badge_options import COLORS
from page_tracker.web.formats.badge_styles import STYLES
from page_tracker.web.formats.shown_number import SHOWN_NUMBERS
from page_tracker.web.openapi.parts import (
    FORM,
    JSON,
    TEXT,
    Object,
    a_list,
    a_text,
    answer,
    content,
    errors,
    in_json,
    operation,
    parameter,
    ref,
    with_head,
)

_A_LINE = content(a_text("One line."), TEXT)
_A_NUMBER = content(a_text("The views of the page.", pattern="^[0-9]+\n$"), TEXT)
_HTML = content(a_text(), "text/html")
_SVG, _GIF = content({}, "image/svg+xml"), content({}, "image/gif")
_FAILED_BADGE = content(ref("FailedBadge"), JSON)
_IGNORED, _FAILED = "Page-Tracker-Ignored", "Page-Tracker-Error"

_COLOR = {"type": "string", "examples": [*COLORS, "4c1"]}
_OPTIONS = [
    parameter(
        "show",
        "Which number to show. The default is total.",
        {"enum": [*SHOWN_NUMBERS]},
    ),
    parameter("label", "What the number is.", {"type": "string", "maxLength": 100}),
    parameter("color", "The color of the number.", _COLOR),
    parameter("label_color", "The color of the label.", _COLOR),
    parameter("style", "The style. The default is flat.", {"enum": [*STYLES]}),
    parameter(
        "base",
        "The views of an earlier counter, which are added.",
        {"type": "string", "pattern": "^[0-9]{1,15}$"},
    ),
    parameter(
        "abbreviate",
        "Whether to show 12.3k instead of 12,345.",
        {"enum": ["true", "false", "1", "0", ""]},
    ),
]
_LOGO = parameter("logo", "The icon before the label, as a data: URI.")
_BADGE = [*_OPTIONS, _LOGO]
_PAGE = parameter(
    "page",
    "The name of the page, such as example.com/blog/post, or its URL.",
    required=True,
)
A_LIST_OF_PAGES = parameter(
    "page",
    "The names of up to 100 pages: page=A&page=B.",
    a_list({"type": "string"}) | {"minItems": 1, "maxItems": 100},
    required=True,
)
_FROM = parameter("from", "The page that linked to this one, by its host or URL.")
_HOST = parameter(
    "host", "The host at which the page is viewed. A local one counts nothing."
)
_KEY = [
    parameter("namespace", "The site.", {"type": "string"}, where="path"),
    parameter("key", "The path of the page, without the slash.", where="path"),
]
_PREFLIGHT = answer("Every origin may ask, without credentials.", None, status=204)
_ALL_OF_BADGES = "An image always has the status 200, also if something is wrong."


def _counting(
    name: str, answers: Object, parameters: list[Object], summary: str
) -> Object:
    """Return a path that counts views on GET and POST."""
    get = operation(f"{name}", summary, answers, parameters)
    path_only = [each for each in parameters if each["in"] == "path"]
    fields = [each for each in parameters if each["in"] == "query"]
    form = {
        "type": "object",
        "properties": {
            each["name"]: each["schema"] | {"description": each["description"]}
            for each in fields
        },
    }
    optional = [each | {"required": False} for each in fields]
    post = operation(
        f"{name}ByPost",
        f"{summary} The parameters are in the query, in a form, or in both.",
        answers,
        [*path_only, *optional],
        requestBody={"content": content(form, FORM, TEXT)},
    )
    return with_head(get, post=post, options=_preflight(name, parameters))


def _reading(
    name: str, answers: Object, parameters: list[Object], summary: str
) -> Object:
    """Return a path that shows numbers and counts nothing."""
    get = operation(name, f"{summary} Counts nothing.", answers, parameters)
    return with_head(get, options=_preflight(name, parameters))


def _preflight(name: str, parameters: list[Object]) -> Object:
    return operation(
        f"{name}Options",
        "Answers a preflight request.",
        _PREFLIGHT,
        [each for each in parameters if each["in"] == "path"],
    )


def _numbers(schema: str, *, counts: bool) -> Object:
    found = in_json("The numbers.", schema, *([_IGNORED] if counts else []))
    late = (408, 413) if counts else ()
    return found | errors(400, 403, *late, 503)


def _text(*, counts: bool) -> Object:
    found = answer("The views.", _A_NUMBER, *([_IGNORED] if counts else []))
    late = (408, 413) if counts else ()
    return found | errors(400, 403, *late, 503, of=_A_LINE)


def _image(of: Object, *, counts: bool) -> Object:
    headers = (_FAILED, _IGNORED) if counts else (_FAILED,)
    return answer(_ALL_OF_BADGES, of, *headers)


_HIT = [_PAGE, _FROM, _HOST]
_COUNTS, _SHOWS = "Counts one view of the page.", "Shows the numbers of the page."
_READY = in_json("The tracker can count.", "Ready") | {
    "503": {
        "description": "The tracker cannot count.",
        "content": content(ref("NotReady"), JSON),
    },
    "default": {
        "description": "Any other error.",
        "content": content(ref("Error"), JSON),
    },
}

PATHS: dict[str, Object] = {
    "/": with_head(
        operation(
            "front",
            "Counts one view of the tracker's own page, and shows its number.",
            answer("The number, in a sentence.", _HTML, _IGNORED)
            | {
                "default": {
                    "description": "An error, in words for visitors.",
                    "content": content(a_text(), "text/html", TEXT),
                }
            },
        )
    ),
    "/hit.json": _counting("hitJson", _numbers("Tally", counts=True), _HIT, _COUNTS),
    "/hit.txt": _counting("hitText", _text(counts=True), _HIT, _COUNTS),
    "/hit.svg": _counting(
        "hitBadge", _image(_SVG, counts=True), [_PAGE, _FROM, *_BADGE], _COUNTS
    ),
    "/hit.gif": _counting("hitPixel", _image(_GIF, counts=True), _HIT, _COUNTS),
    "/views.json": _reading(
        "viewsJson",
        answer(
            "The numbers; of each page if there are several.",
            content({"oneOf": [ref("Tally"), ref("Tallies")]}, JSON),
        )
        | errors(400, 403, 503),
        [A_LIST_OF_PAGES],
        "Shows the numbers of the page, or of each of up to 100.",
    ),
    "/views.txt": _reading("viewsText", _text(counts=False), [_PAGE], _SHOWS),
    "/views.svg": _reading(
        "viewsBadge", _image(_SVG, counts=False), [_PAGE, *_BADGE], _SHOWS
    ),
    "/views.shields.json": _reading(
        "viewsShields",
        in_json("The badge.", "Badge") | errors(400, 403, 503, of=_FAILED_BADGE),
        [_PAGE, *_OPTIONS],
        "Describes a badge for shields.io.",
    ),
    "/hit/{namespace}/{key}": _counting(
        "hitKey", _numbers("Value", counts=True), [*_KEY, _FROM, _HOST], _COUNTS
    ),
    "/get/{namespace}/{key}": _reading(
        "getKey", _numbers("Value", counts=False), _KEY, _SHOWS
    ),
    "/track.js": with_head(
        operation(
            "script",
            "The script that counts the page that includes it.",
            answer("The script.", content({}, "text/javascript"))
            | answer("The copy of the client is current.", None, status=304)
            | errors(of=_A_LINE),
        )
    ),
    "/robots.txt": with_head(
        operation(
            "robots",
            "What search engines may read.",
            answer("The rules.", _A_LINE) | errors(of=_A_LINE),
        )
    ),
    "/healthz": with_head(
        operation(
            "alive",
            "Whether the process runs.",
            answer("It does.", content({"const": "ok\n"}, TEXT)) | errors(of=_A_LINE),
        )
    ),
    "/readyz": with_head(operation("ready", "Whether the tracker can count.", _READY)),
    "/api/openapi.json": with_head(
        operation(
            "description",
            "This description.",
            answer("A document of OpenAPI 3.1.", content({"type": "object"}, JSON))
            | answer("The copy of the client is current.", None, status=304)
            | errors(),
        )
    ),
}
"""The description of each path."""
