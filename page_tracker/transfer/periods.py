"""Notices files about the same days, which would be counted twice."""

from collections import defaultdict
from datetime import date

from page_tracker.transfer.content import ReadFile
from page_tracker.transfer.entries import FileError

_ALLOWED = "allowed: files that have no days in common"


class Periods:
    """The days and spans of days that the files of one import have as a whole."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, date], ReadFile] = {}
        self._spans = defaultdict[str, list[tuple[date, date, ReadFile]]](list)

    def add_day(self, site: str, day: date, file: ReadFile) -> None:
        """Add a day of a site. Raises FileError if another file has it."""
        other = self._days.setdefault((site, day), file)
        if other is not file:
            raise FileError(f"{other.name} has views of {day}, too; {_ALLOWED}")

    def add_span(self, site: str, first: date, last: date, file: ReadFile) -> None:
        """Add days of a site. Raises FileError if another file has some of them."""
        for begin, end, other in self._spans[site]:
            if other is not file and begin <= last and first <= end:
                raise FileError(
                    f"{other.name} has views of {begin} to {end}, too; {_ALLOWED}"
                )
        self._spans[site].append((first, last, file))

    def check(self, site: str, days: list[date]) -> None:
        """Check the days of all views of a site. Raises FileError if a span has one."""
        for first, last, file in self._spans[site]:
            if any(first <= day <= last for day in days):
                raise FileError(
                    f"{file.name} has views of {first} to {last} without their days, "
                    f"and another file has some of these days; {_ALLOWED}"
                )
