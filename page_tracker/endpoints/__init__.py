"""What is answered where: one module for each family of URLs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from page_tracker.backends.protocol import CounterBackend
from page_tracker.endpoints import front_page, health
from page_tracker.http import Request, Response


@dataclass(frozen=True, slots=True)
class Handler:
    """How to answer with the backend, and how to answer if that fails."""

    answer: Callable[[Request, CounterBackend], Response]
    """Raises BackendError."""

    failed: Callable[[CounterBackend, Exception], Response]


_READY = Handler(health.ready, health.unready)

ROUTES: Mapping[str, Mapping[str, Handler | Response]] = {
    "/": {
        "GET": Handler(front_page.count, front_page.sorry),
        "HEAD": Handler(front_page.preview, front_page.sorry),
    },
    "/healthz": {"GET": health.ALIVE, "HEAD": health.ALIVE},
    "/readyz": {"GET": _READY, "HEAD": _READY},
}
"""The handler of each path and method, or the answer itself if there is but one."""


def find(request: Request) -> Handler | Response:
    """Return what there is for the path and method, or an answer that says so."""
    methods = ROUTES.get(request.path)
    if methods is None:
        return Response(
            HTTPStatus.NOT_FOUND,
            f"Not found. The tracker answers at: {', '.join(ROUTES)}\n",
        )
    if request.method not in methods:
        allowed = ", ".join(methods)
        return Response(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"Method not allowed. {request.path} takes: {allowed}\n",
            headers=(("Allow", allowed),),
        )
    return methods[request.method]
