"""Sums over several sets, such as those of days, in steps between which views go on."""

import json
from collections.abc import Iterable, Iterator, Sequence

from page_tracker.backends.pauses import pause, with_pauses
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script

_READ_SETS = Script("read_sets.lua")

# Redis looks at so many sets, or reads so many members, in about two milliseconds.
_SETS_PER_CALL = 50
_MEMBERS_PER_CALL = 2_000


def sums_of(queues: RequestQueues, keys: Sequence[str]) -> dict[str, int]:
    """Return the sum of the scores of each member of some sets of one site.

    A score that changes meanwhile is read once, before or after the change. Raises
    BackendError.
    """
    sums = dict[str, int]()
    for found in _members_of(queues, keys):
        for member, score in found:
            sums[member] = sums.get(member, 0) + score
    return sums


def _members_of(
    queues: RequestQueues, keys: Sequence[str]
) -> Iterator[Iterable[tuple[str, int]]]:
    """Yield the members of sets with their scores, no member of a set twice."""
    number, cursor = 0, "0"
    # What has been read of a large set, of which Redis may repeat members.
    part = dict[str, int]()
    while number < len(keys):
        is_part = cursor != "0"
        call = Call(
            _READ_SETS,
            tuple(keys[number : number + _SETS_PER_CALL]),
            (cursor, _MEMBERS_PER_CALL),
            lambda reply: [json.loads(reply)],
        )
        ended, cursor, lists = queues.call(call)
        number += ended
        pause()
        for words in lists or ():
            # Some versions of Redis write a large score as 1e+9.
            found = zip(words[::2], map(int, map(float, words[1::2])), strict=True)
            if is_part or cursor != "0":
                part.update(found)
            else:
                yield found
        if cursor == "0":
            yield from with_pauses(part.items())
            part = {}
