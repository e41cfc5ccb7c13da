"""Distinguish the visitors of each day by pseudonyms that never leave the memory."""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from page_tracker.counting.pseudonyms import new_salt, pseudonym

MAX_VISITORS = 2**23
"""The limit of visitors of all days in one import. Each takes 8 bytes, 64 MB in all."""

# A day of a site takes as much memory as this number of visitors.
_VISITORS_PER_KEY = 50

# A number in a set takes about ten times as much memory as one in an array.
_MAX_RECENT = 2**16

SiteAndDay = tuple[str, date]


class TooManyVisitorsError(ValueError):
    """There are too many visitors. The text says what is allowed."""


class DailyVisitors:
    """The distinct visitors of each site and day in all logs of one import."""

    def __init__(self) -> None:
        # It is forgotten with the pseudonyms, when the import ends.
        self._salt = new_salt()
        self._recent: defaultdict[SiteAndDay, set[int]] = defaultdict(set)
        # Sorted, to find a pseudonym quickly.
        self._settled: defaultdict[SiteAndDay, "array[int]"] = defaultdict(
            lambda: array("Q")
        )
        self._recent_number = self._settled_number = 0
        self._not_taken: Counter[SiteAndDay] = Counter()

    def pseudonym(self, visitor: str) -> int:
        """Return the pseudonym of a visitor in this import."""
        return int.from_bytes(pseudonym(visitor, "", self._salt))

    def add(self, site: str, day: date, visitor: int) -> None:
        """Add a visitor by the pseudonym. Raises TooManyVisitorsError."""
        key = (site, day)
        recent = self._recent[key]
        if visitor in recent or self._is_settled(key, visitor):
            return
        recent.add(visitor)
        self._not_taken[key] += 1
        self._recent_number += 1
        if self._recent_number == _MAX_RECENT:
            self._settle()

    def take(self) -> list[tuple[str, date, int]]:
        """Return the numbers of visitors who are new since the last call.

        They come by site and day, the oldest first.
        """
        numbers = [(*key, number) for key, number in sorted(self._not_taken.items())]
        self._not_taken.clear()
        return numbers

    def _is_settled(self, key: SiteAndDay, visitor: int) -> bool:
        settled = self._settled.get(key)
        if settled is None:
            return False
        place = bisect_left(settled, visitor)
        return place < len(settled) and settled[place] == visitor

    def _settle(self) -> None:
        for key, recent in self._recent.items():
            if recent:
                _merge(self._settled[key], sorted(recent))
        self._recent.clear()
        self._settled_number += self._recent_number
        self._recent_number = 0
        size = self._settled_number + _VISITORS_PER_KEY * len(self._settled)
        if size >= MAX_VISITORS:
            raise TooManyVisitorsError(
                "the logs have too many visitors to tell them apart; allowed: up to "
                f"about {MAX_VISITORS} in all days of one import, so import some of "
                "the files, or parts of them, at a time"
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
