"""The choice of clients: those of wrk where it can be used, and ours elsewhere."""

from collections.abc import Callable

from tests.benchmarks import clients, wrk
from tests.benchmarks.targets import Target

Load = Callable[[str, Target, int, float], clients.Measured]
"""Sends requests to a URL over some connections for some seconds, in a closed loop."""


def load_for(seconds: float) -> Load:
    """Return the function that sends requests for this time at the least CPU time."""
    return wrk.load if wrk.can_load(seconds) else clients.load
