"""What answers a request, and what answers it if that fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.rules import Rules
from page_tracker.operations.metrics import Metrics
from page_tracker.web.auth import Authenticator
from page_tracker.web.http import Request, Response
from page_tracker.web.live import Live


@dataclass(frozen=True, slots=True)
class Services:
    """What a tracker has, and what its handlers answer with."""

    backend: CounterBackend
    rules: Rules
    authenticator: Authenticator
    live: Live
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Handler:
    """How to answer with what the services has, and how to answer if that fails."""

    answer: Callable[[Request, Services], Response]
    """Raises BackendError, and RequestError if it is the client's mistake."""

    failed: Callable[[Request, CounterBackend, Exception], Response]


Methods = Mapping[str, Handler | Response]
"""The handler of each method, or the answer itself if there is but one."""
