"""RequestQueues to Redis: in each, who asks at once shares a batch."""

from collections.abc import Sequence
from typing import Any

from page_tracker.backends.group_commit import GroupCommit
from page_tracker.backends.redis.connections import open_client
from page_tracker.backends.redis.delivery import Delivery, Question
from page_tracker.backends.redis.script_calls import Call
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

# So that what is lost three times in a row is sent a fourth time before the deadline.
STEPS_PER_DEADLINE = 4
# So many are put at once: fewer than may wait, and as many as a batch takes.
_AT_ONCE = 256


class RequestQueues:
    """Connections of their own, one for each queue: there is one, or more in a cluster.

    Who asks in other queues is not waited for.
    """

    def __init__(
        self, url: str, *, deadline_s: float, limits: Limits, metrics: Metrics
    ) -> None:
        """Prepare to ask at a checked URL; connects later."""
        self._client = open_client(url, timeout_s=deadline_s / STEPS_PER_DEADLINE)
        delivery = Delivery(self._client, limits, metrics)
        self._queues: list[GroupCommit[Question, Any]] = [
            GroupCommit(
                delivery.commit,
                deadline_s=deadline_s,
                on_outage=metrics.breakers_opened,
            )
            for _ in range(self._client.partitions)
        ]
        self.are_partitioned = self._client.partitions > 1
        """Whether keys of several sites may be on several servers."""

    def of(self, key: str) -> GroupCommit[Question, Any]:
        """Return the queue in which a key is."""
        return self._queues[self._client.partition_of(key)]

    def ask(self, call: Call[Any]) -> Any:
        """Wait for the answer to a call. Raises BackendError."""
        return self.of(call.keys[0]).ask(call)

    def ask_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Wait for the answers to many calls at once. Raises BackendError."""
        answers = []
        for begin in range(0, len(calls), _AT_ONCE):
            queues = [(self.of(c.keys[0]), c) for c in calls[begin : begin + _AT_ONCE]]
            pendings = [(queue, queue.put(call)) for queue, call in queues]
            answers += [queue.result(pending) for queue, pending in pendings]
        return answers
