"""Long loops in Python, with pauses in which other requests go on."""

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# A simple loop over so many items takes less than a millisecond.
_ITEMS = 1_000
# In a pause of 0, gevent would look for requests only after 50 of them.
_PAUSE_S = 0.0005


def with_pauses(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Yield all items in parts, with pauses between them.

    The items must not change meanwhile.
    """
    iterator = iter(items)
    while part := tuple(islice(iterator, _ITEMS)):
        yield part
        pause()


def add_with_pauses(sums: dict[str, int], counts: Mapping[str, int]) -> None:
    """Add counts to sums by name. The counts must not change meanwhile."""
    for part in with_pauses(counts.items()):
        for name, number in part:
            sums[name] = sums.get(name, 0) + number


def pause(seconds: float = _PAUSE_S) -> None:
    """Let other requests go on for a moment."""
    time.sleep(seconds)
