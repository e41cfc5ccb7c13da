"""Health checks: whether the process is alive, and whether it can count."""

import json
from http import HTTPStatus

from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.web import errors
from page_tracker.web.handler import Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response

ALIVE = Response(HTTPStatus.OK, "ok\n")
"""The process is alive, even if the backend is not."""


def ready(_request: Request, services: Services) -> Response:
    """Report that the backend is ready, its warnings and details."""
    backend = services.backend
    health = backend.check()
    state = {"ready": True, "backend": backend.kind, "warnings": health.warnings}
    return _json(HTTPStatus.OK, {**state, **health.details})


def unready(request: Request, backend: CounterBackend, error: Exception) -> Response:
    """Report that the backend is not ready, and why, or what was wrong."""
    if isinstance(error, RequestError):
        return errors.as_json(request, backend, error)
    reason = str(error) if isinstance(error, BackendError) else "see the log"
    return _json(
        HTTPStatus.SERVICE_UNAVAILABLE,
        {"ready": False, "backend": backend.kind, "error": reason},
    )


def _json(status: HTTPStatus, content: dict[str, object]) -> Response:
    return Response(status, f"{json.dumps(content)}\n", "application/json")
