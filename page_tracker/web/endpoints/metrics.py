"""Metrics of the tracker, in the formats of Prometheus and OpenMetrics."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response


def show(request: Request, services: Services) -> Response:
    """Return the metrics of all worker processes together. Raises RequestError."""
    if request.multiprocess and not services.metrics.counters.complete:
        raise RequestError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "each process of this server knows only its own metrics; allowed: a server "
            "started by page-tracker or with gunicorn -c "
            "python:page_tracker.gunicorn_conf, or only one worker",
        )
    # Imported here, because most processes never need it: see prometheus.py.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.operations.prometheus import expose

    body, media_type = expose(services.metrics.read(), request.accept)
    return Response(HTTPStatus.OK, body, headers={"Content-Type": media_type})


METRICS = Handler(show, errors.as_text)
