"""Handlers, and the objects that they work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.rules import Rules
from page_tracker.operations.metrics import Metrics
from page_tracker.web.access import Access
from page_tracker.web.auth import Authenticator
from page_tracker.web.commands import Commands
from page_tracker.web.live import Live
from page_tracker.web.rankings import Rankings
from page_tracker.web.request import Request
from page_tracker.web.response import Response


@dataclass(frozen=True, slots=True)
class Services:
    """The objects that handlers work with. Each PageTracker has its own."""

    backend: CounterBackend
    rules: Rules
    authenticator: Authenticator
    access: Access
    live: Live
    rankings: Rankings
    metrics: Metrics
    commands: Commands


@dataclass(frozen=True, slots=True)
class Handler:
    """A pair of functions, for the response and for the error response."""

    respond: Callable[[Request, Services], Response]
    """Returns the response. Raises BackendError, or RequestError for a bad request."""

    failure: Callable[[Request, CounterBackend, Exception], Response]
    """Returns the response for an error that respond raised."""


Methods = Mapping[str, Handler | Response]
"""The handler of each HTTP method, or a response that is always the same."""
