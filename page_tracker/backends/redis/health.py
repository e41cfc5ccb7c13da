"""Whether Redis takes views, and how it may lose them."""

import time
from collections.abc import Sequence
from math import inf
from typing import Any

from page_tracker.backends.group_commit import GroupCommit, Pending
from page_tracker.backends.protocol import BackendError
from page_tracker.backends.redis.connections import ERRORS, open_client, shortened

_DEADLINE_S = 0.9
_STEP_S = 0.4
_GOOD_FOR_S = 0.5

Found = list[str] | BackendError


class RedisHealth:
    """Looks after Redis, over a connection of its own.

    Those who ask at once share what is found, and for so long that nobody can keep
    Redis busy by asking.
    """

    def __init__(self, url: str) -> None:
        """Prepare to look at the Redis of a checked URL; connects later."""
        self._client = open_client(url, timeout_s=_STEP_S)
        self._askers: GroupCommit[None, Found] = GroupCommit(
            self._answer, deadline_s=_DEADLINE_S
        )
        self._looked = -inf
        self._found: Found = []

    def check(self) -> list[str]:
        """Return how Redis may lose counts, as found out at most 0.5 s ago.

        Raises BackendError if Redis does not answer, or says that it takes no views.
        """
        found = self._askers.ask(None)
        if isinstance(found, BackendError):
            raise BackendError(*found.args) from found.__cause__
        return found

    def _answer(self, askers: Sequence[Pending[None, Found]]) -> None:
        if time.monotonic() - self._looked > _GOOD_FOR_S:
            self._found = self._look()
            self._looked = time.monotonic()
        for asker in askers:
            asker.answer(self._found)

    def _look(self) -> Found:
        try:
            infos = self._client.infos()
            # Not said twice of two servers of a cluster.
            return list(dict.fromkeys(risk for info in infos for risk in _risks(info)))
        except BackendError as error:
            return error
        except ERRORS as error:
            failed = BackendError("Redis cannot be used; the log says why")
            failed.__cause__ = shortened(error)
            return failed


def _risks(info: dict[str, Any]) -> list[str]:
    """Read out of a reply to INFO how counts may be lost.

    Raises BackendError if they cannot even be stored.
    """
    if not info:
        return ["cannot tell whether Redis keeps counts: it refuses INFO"]
    if info.get("role") == "slave":
        raise BackendError("Redis takes no views: it is a replica")
    policy = info.get("maxmemory_policy", "unknown")
    limit, used = info.get("maxmemory", 0), info.get("used_memory", 0)
    if policy == "noeviction" and 0 < limit <= used:
        raise BackendError("Redis takes no views: its memory is full")
    risks = []
    if policy != "noeviction":
        risks.append(
            f"Redis may evict counts: its maxmemory-policy is {policy}; "
            "noeviction keeps them"
        )
    if info.get("aof_enabled") != 1:
        risks.append(
            "Redis may lose the latest views when it stops: it has no append-only "
            "file; appendonly yes keeps them"
        )
    return risks
