"""The health of Redis: whether it can store views, and how it may lose them."""

from typing import Any

from page_tracker.backends.protocol import BackendError, Health
from page_tracker.backends.redis.connections import ERRORS, open_client, redacted
from page_tracker.backends.shared_check import SharedCheck

_STEP_S = 0.4


class RedisHealth:
    """Checks Redis over a connection of its own."""

    def __init__(self, url: str) -> None:
        """Prepare to check the Redis at a checked URL. Connects when first used."""
        self._client = open_client(url, timeout_s=_STEP_S)
        self._shared = SharedCheck(self._run_check, storage="Redis")

    def check(self) -> Health:
        """Return the health of Redis. The outcome is at most 0.5 s old.

        Raises BackendError if Redis does not answer or cannot store views.
        """
        return self._shared.check()

    def _run_check(self) -> Health:
        try:
            infos = self._client.infos()
        except ERRORS as error:
            raise BackendError("Redis cannot be used; the log says why") from redacted(
                error
            )
        # The servers of a cluster may share a risk. It is reported once.
        risks = dict.fromkeys(risk for info in infos for risk in _risks(info))
        return Health(tuple(risks))


def _risks(info: dict[str, Any]) -> list[str]:
    """Return how counts may be lost, according to the reply to INFO.

    Raises BackendError if the server cannot store views.
    """
    if not info:
        return ["Redis may lose counts: it refuses INFO, so this cannot be checked"]
    if info.get("role") == "slave":
        raise BackendError("Redis cannot store views: it is a replica")
    policy = info.get("maxmemory_policy", "unknown")
    limit, used = info.get("maxmemory", 0), info.get("used_memory", 0)
    if policy == "noeviction" and 0 < limit <= used:
        raise BackendError("Redis cannot store views: its memory is full")
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
