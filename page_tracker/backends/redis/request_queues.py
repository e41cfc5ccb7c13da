"""Queues of requests to Redis. The requests of one queue share batches."""

from collections.abc import Sequence
from typing import Any

from page_tracker.backends.group_commit import GroupCommit
from page_tracker.backends.redis.clients import open_client
from page_tracker.backends.redis.delivery import Delivery, Request
from page_tracker.backends.redis.script_calls import Call
from page_tracker.counting.model import Limits
from page_tracker.operations.metrics import Metrics

# If the first three attempts are lost, there is still time for a fourth one.
STEPS_PER_DEADLINE = 4
# The size of a batch, which is less than a queue can hold.
_SUBMIT_AT_ONCE = 256


class RequestQueues:
    """One queue for each partition of the key space, each with its own group commit.

    A single server has one partition, and a cluster has 64. A queue does not wait for
    the requests in other queues.
    """

    def __init__(
        self, url: str, *, deadline_s: float, limits: Limits, metrics: Metrics
    ) -> None:
        """Prepare to send requests to a checked URL. Connects when first used."""
        self._client = open_client(url, timeout_s=deadline_s / STEPS_PER_DEADLINE)
        delivery = Delivery(self._client, limits, metrics)
        self._queues: list[GroupCommit[Request, Any]] = [
            GroupCommit(
                delivery.commit,
                deadline_s=deadline_s,
                storage="Redis",
                on_outage=metrics.breakers_opened,
            )
            for _ in range(self._client.partitions)
        ]
        self.are_partitioned = self._client.partitions > 1
        """Whether the keys of different sites may be on different servers."""

    def of(self, key: str) -> GroupCommit[Request, Any]:
        """Return the queue for a key."""
        return self._queues[self._client.partition_of(key)]

    def call(self, call: Call[Any]) -> Any:
        """Send a call and wait for its result. Raises BackendError."""
        return self.of(call.keys[0]).call(call)

    def call_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Send calls, and return their results in order. Raises BackendError."""
        results = []
        for begin in range(0, len(calls), _SUBMIT_AT_ONCE):
            part = calls[begin : begin + _SUBMIT_AT_ONCE]
            queues = [(self.of(call.keys[0]), call) for call in part]
            pendings = [(queue, queue.submit(call)) for queue, call in queues]
            results += [queue.result(pending) for queue, pending in pendings]
        return results
