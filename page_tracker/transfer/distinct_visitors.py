"""Counts distinct visitors by site and day in little memory."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

# A set needs about 75 bytes for a visitor, and an array only 8.
_MAX_IN_SETS = 200_000


class DistinctVisitors:
    """The visitors of sites on single days. Each counts once a day on each site.

    It keeps only a hash of each visitor. Among a million visitors of one day, two
    share a hash once in 30 million cases.
    """

    def __init__(self) -> None:
        self._sets: defaultdict[tuple[str, date], set[int]] = defaultdict(set)
        self._arrays: "dict[tuple[str, date], array[int]]" = {}
        self._in_sets = 0

    def add(self, host: str, day: date, visitor: str) -> None:
        """Add a visitor, who may have been added before."""
        hashes = self._sets[host, day]
        before = len(hashes)
        hashes.add(hash(visitor))
        self._in_sets += len(hashes) - before
        if self._in_sets == _MAX_IN_SETS:
            self._pack()

    def _pack(self) -> None:
        """Move the hashes from the sets to the arrays."""
        for key, hashes in self._sets.items():
            hashes.update(self._arrays.get(key, ()))
            self._arrays[key] = array("q", hashes)
            hashes.clear()
        self._sets.clear()
        self._in_sets = 0

    def counts(self) -> Iterator[tuple[str, date, int]]:
        """Yield each host and day with its number of visitors."""
        self._pack()
        for (host, day), hashes in self._arrays.items():
            yield host, day, len(hashes)
