"""The routes for the owner."""

from collections.abc import Sequence

from page_tracker.counting.model import RETENTION_DAYS
from page_tracker.web.openapi.parts import (
    JSON,
    TEXT,
    Object,
    a_day,
    a_number,
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

SECURITY: list[Object] = [{"token": []}, {"password": []}]
# A link opens one site, and a public site needs nothing.
_READERS: list[Object] = [*SECURITY, {"link": []}, {}]
_A_LINE = content(a_text(), TEXT)
_SITE = parameter(
    "site", "The host of the site; ~ for the tracker's own.", where="path"
)
_ONLY = parameter("site", "Only this site; ~ for the tracker's own.")
_SPAN = [
    parameter("from", "The first day.", a_day()),
    parameter("to", "The last day. Only with from.", a_day()),
    parameter(
        "days",
        "How many days up to today, instead of from.",
        a_number(minimum=1, maximum=RETENTION_DAYS),
    ),
    parameter("day", "The only day, instead of from.", a_day()),
]
_RANKING = [
    parameter("search", "Only names that contain this text."),
    parameter("limit", "How many rows at most.", a_number(minimum=1, maximum=1000)),
    parameter("cursor", "The value of next in the answer before."),
]
_CURRENT = answer("The copy of the client is current.", None, status=304)
_FILE = (
    answer("The file.", content({}, "text/javascript", "text/css", "image/svg+xml"))
    | _CURRENT
    | answer("It has no such file.", _A_LINE, status=404)
)
_NAME = parameter("file", "The name of the file.", where="path")


def owners(
    name: str,
    summary: str,
    found: Object,
    parameters: Sequence[Object] = (),
    *,
    of: Object | None = None,
) -> Object:
    """Return a path that the owner may read."""
    statuses = (400, 401, 403, 429, 503) if parameters else (401, 403, 429, 503)
    answers = found | errors(*statuses, of=of)
    return with_head(operation(name, summary, answers, parameters, security=SECURITY))


def _of_one_site(
    name: str, summary: str, found: Object, parameters: Sequence[Object]
) -> Object:
    """Return a path that also those may read to whom one site is shown."""
    path = owners(name, summary, found, parameters)
    return {key: each | {"security": _READERS} for key, each in path.items()}


PATHS: dict[str, Object] = {
    "/dashboard": owners(
        "dashboard",
        "The dashboard.",
        answer("The page.", content({}, "text/html")) | _CURRENT,
        of=_A_LINE,
    ),
    "/dashboard/": with_head(
        operation(
            "toDashboard",
            "Leads to the dashboard.",
            answer("Its address.", None, "Location", status=308) | errors(of=_A_LINE),
        )
    ),
    "/dashboard/{file}": owners(
        "dashboardFile",
        "A file of the dashboard.",
        _FILE,
        [_NAME],
        of=_A_LINE,
    ),
    "/shared": with_head(
        operation(
            "shared",
            "A page that shows one site. It holds no numbers.",
            answer("The page.", content({}, "text/html"))
            | _CURRENT
            | errors(of=_A_LINE),
        )
    ),
    "/shared/": with_head(
        operation(
            "toShared",
            "Leads to that page.",
            answer("Its address.", None, "Location", status=308) | errors(of=_A_LINE),
        )
    ),
    "/shared/{file}": with_head(
        operation(
            "sharedFile",
            "A file of that page.",
            _FILE | errors(of=_A_LINE),
            [_NAME],
        )
    ),
    "/api/sites": _of_one_site(
        "sites",
        "The totals of each site, of all time and of today.",
        in_json("The totals.", "Sites"),
        [_ONLY],
    ),
    "/api/sites/{site}/pages": _of_one_site(
        "pages",
        "The most viewed pages of a site, of all time or in a span.",
        in_json("The pages.", "Pages"),
        [_SITE, *_SPAN, *_RANKING],
    ),
    "/api/sites/{site}/referrers": _of_one_site(
        "referrers",
        "The hosts that most views came from, of all time or in a span.",
        in_json("The hosts.", "Referrers"),
        [_SITE, *_SPAN, *_RANKING],
    ),
    "/api/sites/{site}/history": _of_one_site(
        "history",
        "The views of a site or of a page on each day of a span.",
        answer(
            "The days; of a page if path is given.",
            content({"oneOf": [ref("SiteHistory"), ref("PageHistory")]}, JSON),
        ),
        [_SITE, *_SPAN, parameter("path", "The path of a page.")],
    ),
    "/api/ignored": _of_one_site(
        "ignored",
        "How many views were not counted in a span, and why.",
        in_json("The numbers of each site.", "Ignored"),
        [_ONLY, *_SPAN],
    ),
    "/api/events": _of_one_site(
        "events",
        "The totals of each site, and then each change as it happens.",
        answer(
            "Server-Sent Events: sites (as the answer of /api/sites), alive and stale.",
            content(a_text(), "text/event-stream"),
        ),
        [_ONLY],
    ),
    "/metrics": owners(
        "metrics",
        "Metrics of the tracker, for Prometheus.",
        answer("The metrics.", content({}, TEXT, "application/openmetrics-text")),
        of=_A_LINE,
    ),
}
"""The description of each path."""
