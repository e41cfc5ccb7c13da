"""The health of Redis: whether it can store views, and how it may lose them."""

import time
from collections.abc import Sequence
from math import inf
from typing import Any

from page_tracker.backends.group_commit import GroupCommit, Pending
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.connections import ERRORS, open_client, redacted

_DEADLINE_S = 0.9
_STEP_S = 0.4
_VALID_FOR_S = 0.5

Outcome = list[str] | BackendError


class RedisHealth:
    """Checks Redis over a connection of its own.

    Concurrent checks share one outcome, which stays valid for 0.5 s. So frequent checks
    cannot put load on Redis.
    """

    def __init__(self, url: str) -> None:
        """Prepare to check the Redis at a checked URL. Connects when first used."""
        self._client = open_client(url, timeout_s=_STEP_S)
        self._checks: GroupCommit[None, Outcome] = GroupCommit(
            self._commit, deadline_s=_DEADLINE_S
        )
        self._checked_at = -inf
        self._outcome: Outcome = []

    def check(self) -> list[str]:
        """Return one warning for each way in which Redis may lose counts.

        The outcome is at most 0.5 s old. Raises BackendError if Redis does not answer
        or cannot store views.
        """
        outcome = self._checks.call(None)
        if isinstance(outcome, BackendError):
            raise BackendError(*outcome.args) from outcome.__cause__
        return outcome

    def _commit(self, checks: Sequence[Pending[None, Outcome]]) -> None:
        if time.monotonic() - self._checked_at > _VALID_FOR_S:
            self._outcome = self._run_check()
            self._checked_at = time.monotonic()
        for check in checks:
            check.succeed(self._outcome)

    def _run_check(self) -> Outcome:
        try:
            infos = self._client.infos()
            # The servers of a cluster may share a risk. It is reported once.
            return list(dict.fromkeys(risk for info in infos for risk in _risks(info)))
        except BackendError as error:
            return error
        except ERRORS as error:
            failed = BackendError("Redis cannot be used; the log says why")
            failed.__cause__ = redacted(error)
            return failed


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
