"""The health of Redis: whether it counts views, and how it may lose them."""

from contextlib import suppress
from typing import Any

import redis

from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.redis.causes import REPLICA, explained
from page_tracker.backends.redis.clients import open_client
from page_tracker.backends.redis.connections import ERRORS, redacted
from page_tracker.backends.redis.keys import site_key
from page_tracker.backends.redis.rehearsal import Counting
from page_tracker.backends.shared_check import SharedCheck
from page_tracker.counting.model import Limits

_STEP_S = 0.4


class RedisHealth:
    """Checks Redis over a connection of its own."""

    def __init__(self, url: str, limits: Limits) -> None:
        """Prepare to check the Redis at a checked URL. Connects when first used.

        The limits are those of the backend.
        """
        self._client = open_client(url, timeout_s=_STEP_S)
        self._counting = Counting(self._client, limits)
        self._shared = SharedCheck(self._run_check, storage="Redis")

    def check(self) -> Health:
        """Return the health of Redis. The outcome is at most 0.5 s old.

        Raises BackendError if a view would not be counted.
        """
        return self._shared.check()

    def _run_check(self) -> Health:
        try:
            infos = self._rehearse()
        except ERRORS as error:
            # The rehearsal has keys of its own, and one of the tracker's own site.
            raise explained(redacted(error), key=site_key("")) from error
        # The servers of a cluster may share a risk. It is reported once.
        risks = dict.fromkeys(risk for info in infos for risk in _risks(info))
        return Health(tuple(risks))

    def _rehearse(self) -> list[dict[str, Any]]:
        with suppress(redis.ConnectionError):
            return self._counting.rehearse()
        # The server may have closed a connection that was idle, or has restarted.
        return self._counting.rehearse()


def _risks(info: dict[str, Any]) -> list[str]:
    """Return how counts may be lost, according to the reply to INFO.

    Raises BackendError if the server is a replica, even one that accepts writes: it
    loses them.
    """
    if not info:
        return ["Redis may lose counts: it refuses INFO, so this cannot be checked"]
    if info.get("role") == "slave":
        raise BackendError(str(REPLICA))
    policy = info.get("maxmemory_policy", "unknown")
    risks = []
    if policy != "noeviction":
        risks.append(
            f"Redis may evict counts: its maxmemory-policy is {policy}; "
            "set it to noeviction"
        )
    if info.get("aof_enabled") != 1:
        risks.append(
            "Redis may lose the latest views when it stops: it has no append-only "
            "file; set appendonly yes"
        )
    return risks
