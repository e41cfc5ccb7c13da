"""Sums over several sets, such as those of days, in steps between which views go on."""

import json
from collections import Counter
from collections.abc import Sequence

from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script

_READ_SETS = Script("read_sets.lua")

# Redis looks at so many sets, or reads so many members, within about a millisecond.
_SETS_PER_CALL = 500
_MEMBERS_PER_CALL = 2_000


def sums_of(queues: RequestQueues, keys: Sequence[str]) -> Counter[str]:
    """Return the sum of the scores of each member of some sets of one site.

    Raises BackendError.
    """
    sums = Counter[str]()
    for begin in range(0, len(keys), _SETS_PER_CALL):
        _add_sums(queues, tuple(keys[begin : begin + _SETS_PER_CALL]), sums)
    return sums


def _add_sums(queues: RequestQueues, keys: tuple[str, ...], sums: Counter[str]) -> None:
    number, cursor = 1, "0"
    # What has been read of a set that is read in several parts.
    part = dict[str, int]()
    while number:
        is_part = cursor != "0"
        call = Call(
            _READ_SETS,
            keys,
            (number, cursor, _MEMBERS_PER_CALL),
            lambda reply: [json.loads(reply)],
        )
        number, cursor, words = queues.call(call)
        is_part = is_part or cursor != "0"
        found = zip((words or ())[::2], map(int, (words or ())[1::2]), strict=True)
        if is_part:
            part.update(found)
            if cursor == "0":
                sums.update(part)
                part.clear()
        else:
            for member, views in found:
                sums[member] += views
