"""What is answered where: one module for each family of URLs."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from page_tracker.endpoints import front_page, health, metrics, pages, script
from page_tracker.endpoints.handler import Handler, Methods
from page_tracker.formats import GIF, JSON, SHIELDS, SVG, TEXT, VALUE
from page_tracker.http import Request, Response

READY = "/readyz"

_CHECK = Handler(health.ready, health.unready)

ROUTES: Mapping[str, Methods] = {
    "/": {
        "GET": Handler(front_page.count, front_page.sorry),
        "HEAD": Handler(front_page.preview, front_page.sorry),
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
    "/healthz": {"GET": health.ALIVE, "HEAD": health.ALIVE},
    READY: {"GET": _CHECK, "HEAD": _CHECK},
    "/metrics": {"GET": metrics.METRICS, "HEAD": metrics.METRICS},
}
"""The handler of each path and method, or the answer itself if there is but one."""


def route_of(path: str) -> str:
    """Return the route that a path takes; the path itself if there is none."""
    if path not in ROUTES and (found := re.fullmatch("/(hit|get)/[^/]+/[^/]+", path)):
        return f"/{found[1]}/{{namespace}}/{{key}}"
    return path


def find(route: str, request: Request, base_path: str) -> Handler | Response:
    """Return what there is for the route and method, or an answer that says so."""
    methods = ROUTES.get(route)
    if methods is None:
        places = ", ".join(f"{base_path}{path}" for path in ROUTES)
        return Response(
            HTTPStatus.NOT_FOUND, f"Not found. The tracker answers at: {places}\n"
        )
    if request.method not in methods:
        allowed = ", ".join(methods)
        return Response(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"Method not allowed. {base_path}{route} takes: {allowed}\n",
            headers={"Allow": allowed},
        )
    return methods[request.method]
