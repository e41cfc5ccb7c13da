"""The routes: which handler answers which path and method."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from page_tracker.backends.protocol import CounterBackend
from page_tracker.web import errors
from page_tracker.web.endpoints import (
    api,
    api_changes,
    api_export,
    api_import,
    api_rankings,
    api_views,
    dashboard,
    events,
    front_page,
    health,
    metrics,
    openapi,
    pages,
    robots,
    script,
)
from page_tracker.web.endpoints.api_requests import site_of_path, site_of_query
from page_tracker.web.formats import GIF, JSON, SHIELDS, SVG, TEXT, VALUE
from page_tracker.web.handler import Handler, Methods
from page_tracker.web.owner_only import for_owner, for_readers, posted_by_owner
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response

READY = "/readyz"
EVENTS = "/api/events"
OTHER = "other"
"""The route of all unknown paths."""

API = "/api/"
"""The beginning of the paths for programs of the owner."""

_CHECK = Handler(health.ready, health.unready)

ROUTES: Mapping[str, Methods] = {
    "/": {
        "GET": Handler(front_page.count, front_page.failure),
        "HEAD": Handler(front_page.preview, front_page.failure),
    },
    "/hit.json": pages.counting(JSON, pages.named_by_parameter),
    "/hit.txt": pages.counting(TEXT, pages.named_by_parameter),
    "/hit.svg": pages.counting(SVG, pages.named_by_parameter),
    "/hit.gif": pages.counting(GIF, pages.named_by_parameter),
    "/views.json": pages.reading(JSON, pages.named_by_parameter),
    "/views.txt": pages.reading(TEXT, pages.named_by_parameter),
    "/views.svg": pages.reading(SVG, pages.named_by_parameter),
    "/views.shields.json": pages.reading(SHIELDS, pages.named_by_parameter),
    "/hit/{namespace}/{key}": pages.counting(VALUE, pages.named_by_path),
    "/get/{namespace}/{key}": pages.reading(VALUE, pages.named_by_path),
    "/track.js": {"GET": script.SCRIPT, "HEAD": script.SCRIPT},
    "/robots.txt": {"GET": robots.ROBOTS, "HEAD": robots.ROBOTS},
    "/healthz": {"GET": health.ALIVE, "HEAD": health.ALIVE},
    READY: {"GET": _CHECK, "HEAD": _CHECK},
    "/dashboard": for_owner(dashboard.PAGE),
    "/dashboard/": {"GET": dashboard.TO_PAGE, "HEAD": dashboard.TO_PAGE},
    "/dashboard/{file}": for_owner(dashboard.FILE),
    "/api/openapi.json": {"GET": openapi.OPENAPI, "HEAD": openapi.OPENAPI},
    "/shared": {"GET": dashboard.SHARED_PAGE, "HEAD": dashboard.SHARED_PAGE},
    "/shared/": {"GET": dashboard.TO_SHARED, "HEAD": dashboard.TO_SHARED},
    "/shared/{file}": {"GET": dashboard.SHARED_FILE, "HEAD": dashboard.SHARED_FILE},
    "/api/sites": for_readers(api.SITES, site_of_query),
    "/api/sites/{site}/pages": for_readers(api_rankings.PAGES, site_of_path),
    "/api/sites/{site}/referrers": for_readers(api_rankings.REFERRERS, site_of_path),
    "/api/sites/{site}/history": for_readers(api.HISTORY, site_of_path),
    "/api/ignored": for_readers(api.IGNORED, site_of_query),
    "/api/views": {
        **for_owner(api_views.READ),
        **posted_by_owner(api_views.COUNT),
    },
    "/api/changes": posted_by_owner(api_changes.CHANGE),
    "/api/export": for_owner(api_export.EXPORT),
    "/api/import": posted_by_owner(api_import.IMPORT),
    EVENTS: for_readers(events.EVENTS, site_of_query),
    "/metrics": for_owner(metrics.METRICS),
}
"""The handler of each path and method, or a response that is always the same."""

_TEMPLATES = [route for route in ROUTES if "{" in route]
# One expression, with a group for each template.
_TEMPLATED = re.compile(
    "|".join(re.sub(r"{\w+}", "[^/]+", f"({route})") for route in _TEMPLATES)
)


def route_of(path: str) -> str:
    """Return the route of a path, or OTHER if it has none."""
    if path in ROUTES:
        return path
    found = _TEMPLATED.fullmatch(path)
    return _TEMPLATES[(found.lastindex or 0) - 1] if found else OTHER


# The paths that a 404 lists. Only a 404 below /api/ lists those of the API.
_API_PATHS = [path for path in ROUTES if path.startswith(API)]
_PATHS = [
    path for path in ROUTES if not path.startswith((API, "/dashboard/", "/shared/"))
]


def find(route: str, request: Request, base_path: str) -> Handler | Response:
    """Return the handler of a route and method. Raises RequestError without one."""
    methods = ROUTES.get(route)
    if methods is None:
        of_api = request.path.startswith(API)
        known = ", ".join(
            f"{base_path}{path}" for path in (_API_PATHS if of_api else _PATHS)
        )
        raise RequestError(HTTPStatus.NOT_FOUND, f"not found; allowed: {known}")
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise RequestError(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"{base_path}{route} has no such method; allowed: {allowed}",
            {"Allow": allowed},
        )
    return methods[request.method]


def refusal(
    route: str, request: Request, backend: CounterBackend, error: RequestError
) -> Response:
    """Return the answer to a request that no handler has seen, as its route does."""
    handler = ROUTES.get(route, {}).get("GET")
    if isinstance(handler, Handler):
        return handler.failure(request, backend, error)
    failure = errors.as_json if request.path.startswith(API) else errors.as_text
    return failure(request, backend, error)
