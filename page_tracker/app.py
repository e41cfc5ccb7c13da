"""The tracker as a WSGI callable."""

import functools
import logging
import os
import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from page_tracker.backends import open_backend
from page_tracker.backends.choice import choose
from page_tracker.backends.protocol import (
    BackendError,
    CounterBackend,
    LimitReachedError,
)
from page_tracker.endpoints import READY, find, route_of
from page_tracker.endpoints.handler import House
from page_tracker.guard import Guard
from page_tracker.http import NotAllowedError, Request, RequestError, Response
from page_tracker.live import Live
from page_tracker.logs import FailureLog, RefusalLog, configure_logging
from page_tracker.redis_url import place_of
from page_tracker.rules import Rules
from page_tracker.settings import Settings, SettingsError

_log = logging.getLogger("page_tracker")

# What Gunicorn takes from a worker as "could not boot: do not start another".
_CANNOT_BOOT = 3


class PageTracker:
    """A WSGI callable (PEP 3333) that counts in the backend it is given."""

    def __init__(self, backend: CounterBackend, rules: Rules) -> None:
        self._refusals = RefusalLog(_log)
        self._failures = FailureLog(_log)
        live = Live(backend, rules, self._failures)
        self._house = House(backend, rules, Guard(rules.token), live)
        # Where a check succeeds, a view may still fail.
        self._failed_checks = FailureLog(_log)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request; if that fails, say so, with the cause in the log."""
        request = Request(environ, self._house.rules.base_path)
        return self._answer(request).send(request, start_response)

    def end_streams(self) -> None:
        """End the answers that have no end of their own: the process is to stop."""
        self._house.live.end()

    def _answer(self, request: Request) -> Response:
        route = route_of(request.path)
        handler = find(route, request, self._house.rules.base_path)
        if isinstance(handler, Response):
            return handler
        failures = self._failed_checks if route == READY else self._failures
        try:
            if request.multiprocess and not self._house.backend.shared:
                raise BackendError(
                    "counts in memory would differ between this server's processes: "
                    "start one worker, or set REDIS_URL to a Redis"
                )
            response = handler.answer(request, self._house)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever it was, the visitor gets an answer and the log the cause.
            self._note(error, failures)
            return handler.failed(request, self._house.backend, error)
        failures.succeeded()
        return response

    def _note(self, error: Exception, failures: FailureLog) -> None:
        """Log what the owner should know: not what is a client's own mistake."""
        if isinstance(error, NotAllowedError | LimitReachedError):
            self._refusals.refused(str(error))
        elif not isinstance(error, RequestError):
            failures.failed(error, expected=isinstance(error, BackendError))


def create_app(*, backend: CounterBackend, rules: Rules = Rules()) -> PageTracker:
    """Return the tracker as a WSGI callable that counts in this backend."""
    return PageTracker(backend, rules)


def create_app_from(settings: Settings) -> PageTracker:
    """Return the tracker that the settings describe."""
    backend = open_backend(
        choose_url(settings.redis_url),
        deadline_s=settings.deadline_s,
        limits=settings.limits,
    )
    return create_app(backend=backend, rules=settings.rules)


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
    configure_logging()
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"page-tracker: {error}", file=sys.stderr)
        sys.exit(_CANNOT_BOOT)
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
