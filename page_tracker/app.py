"""The tracker as a WSGI application (PEP 3333)."""

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from wsgiref.types import StartResponse, WSGIEnvironment

from page_tracker.backends.choice import Choice, choose, open_backend
from page_tracker.backends.maintenance import prepare_storage
from page_tracker.backends.protocol import (
    BackendError,
    CounterBackend,
    LimitReachedError,
)
from page_tracker.backends.url import MEMORY_URL, describe_storage
from page_tracker.counting.rules import Rules
from page_tracker.operations.logs import (
    AccessLog,
    FailureLog,
    RefusalLog,
    configure_logging,
)
from page_tracker.operations.metrics import Metrics
from page_tracker.settings import Settings, SettingsError
from page_tracker.settings.misspelled import warn_of_misspelled_variables
from page_tracker.web.access import Access
from page_tracker.web.auth import Authenticator
from page_tracker.web.commands import Commands
from page_tracker.web.handler import Services
from page_tracker.web.live import Live
from page_tracker.web.rankings import Rankings
from page_tracker.web.request import NotCountedError, Request, RequestError
from page_tracker.web.response import Response
from page_tracker.web.routes import OTHER, READY, ROUTES, find, refusal, route_of

_log = logging.getLogger("page_tracker")

# If a worker exits with this code, Gunicorn does not start it again.
_CANNOT_BOOT = 3


class PageTracker:
    """The tracker as a WSGI callable (PEP 3333)."""

    def __init__(
        self,
        backend: CounterBackend,
        rules: Rules,
        metrics: Metrics,
        access_log: AccessLog | None,
    ) -> None:
        self.chosen_by: int | None = None
        """The process that chose the backend without a setting; None if it is set."""
        self.commands = Commands()
        """The commands that export and import. They must know where the counts are."""
        self._access_log = access_log
        self._refusals = RefusalLog(_log)
        self._failures = FailureLog(_log)
        live = Live(backend, rules, self._failures)
        authenticator = Authenticator(rules.token)
        self._services = Services(
            backend,
            rules,
            authenticator,
            Access(authenticator, backend, rules),
            live,
            Rankings(backend),
            metrics,
            self.commands,
        )
        # A separate log, because checks may succeed while views fail.
        self._failed_checks = FailureLog(_log, what="check")

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request. If that fails, log the cause and send an error."""
        return self._respond(environ, start_response, self._answer)

    def refuse(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        error: RequestError,
    ) -> Iterable[bytes]:
        """Answer a request that the server refuses, as its route answers errors.

        The environ only needs the method, the path and the query, as far as they are
        known.
        """

        def answer(route: str, request: Request) -> Response:
            return refusal(route, request, self._services.backend, error)

        return self._respond(environ, start_response, answer)

    def _respond(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        answer: Callable[[str, Request], Response],
    ) -> Iterable[bytes]:
        start = perf_counter()
        request = Request(environ, self._services.rules.base_path)
        route = route_of(request.path)
        response = answer(route, request)
        body = response.send(request, start_response)
        status, seconds = response.status_for(request), perf_counter() - start
        self._services.metrics.answered(route, status, seconds)
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
        """End all streams, because the process is about to stop."""
        self._services.live.end()

    def _answer(self, route: str, request: Request) -> Response:
        backend = self._services.backend
        try:
            handler = find(route, request, self._services.rules.base_path)
        except RequestError as error:
            return refusal(route, request, backend, error)
        if isinstance(handler, Response):
            return handler
        failures = self._failed_checks if route == READY else self._failures
        try:
            if request.multiprocess:
                self._check_shared()
            response = handler.respond(request, self._services)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # After any error, the client gets a response, and the log gets the cause.
            self._log_error(error, failures)
            return handler.failure(request, backend, error)
        failures.succeeded()
        return response

    def _check_shared(self) -> None:
        """Raise BackendError if the processes of the server may count separately."""
        if not self._services.backend.shared:
            raise BackendError(
                "the processes of this server cannot share counts in memory: "
                "start one worker, or choose another backend"
            )
        # Inherited from a master process, the choice is the same in all workers.
        if self.chosen_by == os.getpid():
            raise BackendError(
                "each process of this server has chosen a backend by itself, and they "
                "may differ: set PAGE_TRACKER_BACKEND, or start page-tracker"
            )

    def _log_error(self, error: Exception, failures: FailureLog) -> None:
        """Log the error, unless it is a mistake of the client."""
        if isinstance(error, NotCountedError | LimitReachedError):
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

    To see the backend in /metrics, create the metrics with new_metrics(), and open the
    backend with them too. With access_log, the logger page_tracker.access logs each
    request.
    """
    return PageTracker(
        backend,
        rules,
        metrics or new_metrics(),
        AccessLog() if access_log else None,
    )


def new_metrics() -> Metrics:
    """Return new metrics, all 0."""
    return Metrics((*ROUTES, OTHER))


@functools.cache
def shared_metrics() -> Metrics:
    """Return the metrics that this process shares with its forked workers.

    The metrics must exist before the fork.
    """
    return new_metrics()


def create_app_from(settings: Settings) -> PageTracker:
    """Return a tracker with these settings."""
    metrics = shared_metrics()
    url = chosen_backend(settings.backend, settings.data_folder).url
    backend = open_backend(
        url,
        deadline_s=settings.deadline_s,
        limits=settings.limits,
        metrics=metrics,
    )
    tracker = create_app(
        backend=backend,
        rules=settings.rules,
        metrics=metrics,
        access_log=settings.access_log,
    )
    if url != MEMORY_URL:
        tracker.commands.environ = _variables_of_commands(url, settings)
    if settings.backend is None:
        tracker.chosen_by = _choosing_process()
    return tracker


def _variables_of_commands(url: str, settings: Settings) -> dict[str, str]:
    """Return variables with which a command uses the same counts as this server."""
    variables = dict(os.environ)
    variables.pop("REDIS_URL", None)
    return variables | {
        "PAGE_TRACKER_BACKEND": url,
        "PAGE_TRACKER_DEADLINE": str(settings.deadline_s),
    }


@functools.cache
def _choosing_process() -> int:
    """Return the ID of the process that called this first. Workers inherit it."""
    return os.getpid()


@functools.cache
def chosen_backend(backend: Choice | None, data_folder: Path | None) -> Choice:
    """Choose the backend, and log the choice with its reason.

    This happens once, before workers are forked. A worker that starts while Redis is
    down must use the same backend as the others. Raises SettingsError if the storage
    cannot be used at all.
    """
    _choosing_process()
    try:
        choice = backend or choose(data_folder)
        _log.info("Counting in %s: %s", describe_storage(choice.url), choice.reason)
        prepare_storage(choice.url, data_folder)
    except BackendError as error:
        raise SettingsError(str(error)) from None
    return choice


def _app_from_environment() -> PageTracker:
    try:
        settings = Settings.read(os.environ)
        configure_logging(settings.log_format)
        warn_of_misspelled_variables()
        return create_app_from(settings)
    except SettingsError as error:
        print(f"page-tracker: {error}", file=sys.stderr)
        sys.exit(_CANNOT_BOOT)


app: PageTracker
"""The tracker with settings from the environment: `gunicorn page_tracker.app:app`."""


def __getattr__(name: str) -> PageTracker:
    """Create `app` at its first use (PEP 562).

    Importing this module for create_app() must not read the environment.
    """
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    created = globals()["app"] = _app_from_environment()
    return created
