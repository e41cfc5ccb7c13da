"""What is answered where: one module for each family of URLs."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from page_tracker.backends.protocol import CounterBackend
from page_tracker.endpoints import front_page
from page_tracker.http import Request, Response

Handler = Callable[[CounterBackend], Response]

ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "/": {"GET": front_page.count, "HEAD": front_page.preview},
}
"""The handler of each path and method."""


def answer(request: Request, backend: CounterBackend) -> Response:
    """Let the handler of the path and method answer, or say which there are.

    Raises BackendError.
    """
    methods = ROUTES.get(request.path)
    if methods is None:
        return Response(
            HTTPStatus.NOT_FOUND,
            f"Not found. The tracker answers at: {', '.join(ROUTES)}\n",
        )
    handler = methods.get(request.method)
    if handler is None:
        allowed = ", ".join(methods)
        return Response(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"Method not allowed. {request.path} takes: {allowed}\n",
            headers=(("Allow", allowed),),
        )
    return handler(backend)
