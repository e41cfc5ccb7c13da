"""Numbers on what the tracker does, for Prometheus and those that read the same."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.handler import Handler, Services
from page_tracker.web.http import Request, RequestError, Response


def show(request: Request, services: Services) -> Response:
    """Show the numbers of all worker processes. Raises RequestError."""
    if request.multiprocess and not services.metrics.columns.complete:
        raise RequestError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "each process of this server knows its own numbers alone; allowed: to "
            "start page-tracker, or gunicorn -c python:page_tracker.gunicorn_conf, or "
            "one worker",
        )
    # Here, so that Gunicorn's master does not import it: see prometheus.py.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.operations.prometheus import expose

    body, media_type = expose(services.metrics.read(), request.accept)
    return Response(HTTPStatus.OK, body, headers={"Content-Type": media_type})


METRICS = Handler(show, errors.as_text)
