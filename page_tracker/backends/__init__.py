"""Where counts live: one contract, a module for each place, and the choice of place."""

import logging

from page_tracker.backends.memory import MemoryBackend
from page_tracker.backends.protocol import CounterBackend
from page_tracker.backends.redis.url import MEMORY_URL, check_redis_url
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

_log = logging.getLogger("page_tracker")


def open_backend(
    url: str,
    *,
    deadline_s: float = 2.0,
    limits: Limits = Limits(),
    metrics: Metrics | None = None,
) -> CounterBackend:
    """Return the backend of a URL of the forms that REDIS_URL has.

    It connects when it is first used. What Redis does not answer within deadline_s
    seconds fails. What it does, it tells the metrics. Raises ValueError if the URL is
    wrong.
    """
    if check_redis_url(url) == MEMORY_URL:
        _log.warning(
            "Counts in memory begin at 0 and end with this process; "
            "set REDIS_URL to keep them"
        )
        return MemoryBackend(limits=limits, metrics=metrics)
    # Here, so that importing this package does not import redis: see choice.py.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.backends.redis.backend import RedisBackend

    return RedisBackend(url, deadline_s=deadline_s, limits=limits, metrics=metrics)
