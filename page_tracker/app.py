"""The tracker as a WSGI callable."""

import functools
import logging
import os
import sys
from collections.abc import Iterable
from time import perf_counter
from wsgiref.types import StartResponse, WSGIEnvironment

from page_tracker.backends.choice import choose, open_backend
from page_tracker.backends.protocol import (
    BackendError,
    CounterBackend,
    LimitReachedError,
)
from page_tracker.backends.redis.url import place_of
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import (
    AccessLog,
    FailureLog,
    RefusalLog,
    configure_logging,
)
from page_tracker.operations.metrics import Metrics
from page_tracker.settings import Settings, SettingsError
from page_tracker.web.auth import Authenticator
from page_tracker.web.handler import Services
from page_tracker.web.http import NotAllowedError, Request, RequestError, Response
from page_tracker.web.live import Live
from page_tracker.web.routes import OTHER, READY, ROUTES, find, route_of

_log = logging.getLogger("page_tracker")

# What Gunicorn takes from a worker as "could not boot: do not start another".
_CANNOT_BOOT = 3


class PageTracker:
    """A WSGI callable (PEP 3333) that counts in the backend it is given."""

    def __init__(
        self,
        backend: CounterBackend,
        rules: Rules,
        metrics: Metrics,
        access_log: AccessLog | None,
    ) -> None:
        self._access_log = access_log
        self._refusals = RefusalLog(_log)
        self._failures = FailureLog(_log)
        live = Live(backend, rules, self._failures)
        self._house = Services(
            backend, rules, Authenticator(rules.token), live, metrics
        )
        # Where a check succeeds, a view may still fail.
        self._failed_checks = FailureLog(_log)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request; if that fails, say so, with the cause in the log."""
        begun = perf_counter()
        request = Request(environ, self._house.rules.base_path)
        route = route_of(request.path)
        response = self._answer(route, request)
        body = response.send(request, start_response)
        status, seconds = response.status_for(request), perf_counter() - begun
        self._house.metrics.answered(route, status, seconds)
        if self._access_log:
            self._access_log.answered(
                request.target,
                method=request.method,
                route=route,
                status=status,
                size=sum(map(len, body)) if isinstance(body, tuple) else 0,
                seconds=seconds,
            )
        return body

    def end_streams(self) -> None:
        """End the answers that have no end of their own: the process is to stop."""
        self._house.live.end()

    def _answer(self, route: str, request: Request) -> Response:
        backend = self._house.backend
        handler = find(route, request, self._house.rules.base_path)
        if isinstance(handler, Response):
            return handler
        failures = self._failed_checks if route == READY else self._failures
        try:
            if request.multiprocess and not backend.shared:
                raise BackendError(
                    "counts in memory would differ between this server's processes: "
                    "start one worker, or set REDIS_URL to a Redis"
                )
            response = handler.answer(request, self._house)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever it was, the visitor gets an answer and the log the cause.
            self._note(error, failures)
            return handler.failed(request, backend, error)
        failures.succeeded()
        return response

    def _note(self, error: Exception, failures: FailureLog) -> None:
        """Log what the owner should know: not what is a client's own mistake."""
        if isinstance(error, NotAllowedError | LimitReachedError):
            self._refusals.refused(str(error))
        elif not isinstance(error, RequestError):
            failures.failed(error, expected=isinstance(error, BackendError))


def create_app(
    *,
    backend: CounterBackend,
    rules: Rules = Rules(),
    metrics: Metrics | None = None,
    access_log: bool = False,
) -> PageTracker:
    """Return the tracker as a WSGI callable that counts in this backend.

    What the backend does is in /metrics if it was opened with the same metrics, made by
    new_metrics(). Requests are logged, if they shall be, by page_tracker.access.
    """
    return PageTracker(
        backend,
        rules,
        metrics or new_metrics(),
        AccessLog() if access_log else None,
    )


def new_metrics() -> Metrics:
    """Return numbers, all 0, on what the tracker does."""
    return Metrics((*ROUTES, OTHER))


@functools.cache
def shared_metrics() -> Metrics:
    """Return the numbers of the tracker that this process serves, or forks others to.

    Those it forks can only share what was there before.
    """
    return new_metrics()


def create_app_from(settings: Settings) -> PageTracker:
    """Return the tracker that the settings describe."""
    metrics = shared_metrics()
    backend = open_backend(
        choose_url(settings.redis_url),
        deadline_s=settings.deadline_s,
        limits=settings.limits,
        metrics=metrics,
    )
    return create_app(
        backend=backend,
        rules=settings.rules,
        metrics=metrics,
        access_log=settings.access_log,
    )


@functools.cache
def choose_url(redis_url: str | None) -> str:
    """Choose where to count, and log where and why.

    Once for a process and those it forks: a worker that starts while Redis is down
    must not choose otherwise than its siblings did.
    """
    choice = choose(redis_url)
    _log.info("Counting in %s: %s", place_of(choice.url), choice.reason)
    return choice.url


def _app_from_environment() -> PageTracker:
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"page-tracker: {error}", file=sys.stderr)
        sys.exit(_CANNOT_BOOT)
    configure_logging(settings.log_format)
    return create_app_from(settings)


app: PageTracker
"""The tracker that the environment describes, for `gunicorn page_tracker.app:app`."""


def __getattr__(name: str) -> PageTracker:
    """Make `app` when it is first asked for (PEP 562).

    Not when this module is imported: create_app() shall be had without all that.
    """
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()["app"] = _app_from_environment()
    return made
