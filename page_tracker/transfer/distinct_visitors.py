"""Counts distinct visitors by site and day in little memory."""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

MAX_VISITORS = 2**23
"""The limit of visitors of all days. Each takes 8 bytes, so that all take 64 MB."""

# A set needs about 75 bytes for a visitor, and an array only 8.
_MAX_IN_SETS = 2**16
# A day of a site takes as much memory as this number of visitors.
_VISITORS_PER_DAY = 50

_SiteAndDay = tuple[str, date]


class DistinctVisitors:
    """The visitors of sites on single days. Each counts once a day on each site.

    It keeps only a hash of each visitor. Python's hashes have a random salt that ends
    with the process (see PYTHONHASHSEED). Among a million visitors of one day, two
    share a hash once in 30 million cases.
    """

    def __init__(self) -> None:
        self._sets: defaultdict[_SiteAndDay, set[int]] = defaultdict(set)
        # Sorted, to find a hash quickly.
        self._arrays: "dict[_SiteAndDay, array[int]]" = {}
        self._in_sets = self._in_arrays = 0
        self._new: Counter[_SiteAndDay] = Counter()

    def add(self, host: str, day: date, visitor: str) -> None:
        """Add a visitor, who may have been added before.

        Raises ValueError if there are too many visitors.
        """
        key, hashed = (host, day), hash(visitor)
        hashes = self._sets[key]
        if hashed in hashes or self._is_in_array(key, hashed):
            return
        hashes.add(hashed)
        self._new[key] += 1
        self._in_sets += 1
        if self._in_sets == _MAX_IN_SETS:
            self._pack()

    def new_counts(self) -> list[tuple[str, date, int]]:
        """Return each host and day with the number of visitors since the last call."""
        counts = [(host, day, number) for (host, day), number in self._new.items()]
        self._new.clear()
        return counts

    def _is_in_array(self, key: _SiteAndDay, hashed: int) -> bool:
        hashes = self._arrays.get(key)
        if hashes is None:
            return False
        place = bisect_left(hashes, hashed)
        return place < len(hashes) and hashes[place] == hashed

    def _pack(self) -> None:
        """Move the hashes from the sets to the arrays."""
        for key, hashes in self._sets.items():
            if hashes:
                _merge(self._arrays.setdefault(key, array("q")), sorted(hashes))
        self._sets.clear()
        self._in_arrays += self._in_sets
        self._in_sets = 0
        size = self._in_arrays + _VISITORS_PER_DAY * len(self._arrays)
        if size >= MAX_VISITORS:
            raise ValueError(
                "there are too many visitors to tell them apart; allowed: up to about "
                f"{MAX_VISITORS} on all days of one import, so import some of the "
                "files, or parts of them, at a time"
            )


def _merge(many: "array[int]", few: Sequence[int]) -> None:
    """Insert sorted numbers into an array of sorted numbers, without a second array."""
    end = len(many)
    many.extend(few)
    for shift in range(len(few), 0, -1):
        number = few[shift - 1]
        start = bisect_left(many, number, 0, end)
        many[start + shift : end + shift] = many[start:end]
        many[start + shift - 1] = number
        end = start
