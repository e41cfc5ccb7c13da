"""Sums over several sets, such as those of days, in steps between which views go on."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import add

from page_tracker.backends.pauses import with_pauses
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script

_READ_SETS = Script("read_sets.lua")

# Redis looks at so many sets, or reads so many members, in one or two milliseconds. If
# it read 2 000 members, the slowest views would take almost 5 ms longer meanwhile.
_SETS_PER_CALL = 50
_MEMBERS_PER_CALL = 1_500


def sums_of(queues: RequestQueues, keys: Sequence[str]) -> dict[str, int]:
    """Return the sum of the scores of each member of some sets of one site.

    A score that changes meanwhile is read once, before or after the change. Raises
    BackendError.
    """
    sums = dict[str, float]()
    for members, scores in _members_of(queues, keys):
        # All of this runs in C, because there may be millions of members.
        before = map(sums.get, members, repeat(0.0))
        sums.update(zip(members, map(add, before, scores), strict=True))
    # No sum is so large that it would not be exact.
    return {
        member: int(score)
        for part in with_pauses(sums.items())
        for member, score in part
    }


def _members_of(
    queues: RequestQueues, keys: Sequence[str]
) -> Iterator[tuple[Sequence[str], Iterable[float]]]:
    """Yield the members of sets and their scores, no member of a set twice."""
    number, cursor = 0, "0"
    # What has been read of a large set, of which Redis may repeat members.
    part = dict[str, float]()
    while number < len(keys):
        is_part = cursor != "0"
        call = Call(
            _READ_SETS,
            tuple(keys[number : number + _SETS_PER_CALL]),
            (cursor, _MEMBERS_PER_CALL),
            lambda reply: [reply.decode().split("\n")],
        )
        head, *words = queues.call(call)
        ended, cursor = head.split()
        number += int(ended)
        # Some versions of Redis write a large score as 1e+9.
        members, scores = words[::2], map(float, words[1::2])
        if is_part or cursor != "0":
            part.update(zip(members, scores, strict=True))
        else:
            yield members, scores
        if cursor == "0":
            for items in with_pauses(part.items()):
                yield [member for member, _ in items], [score for _, score in items]
            part = {}
