"""Days: which of them are kept, and spans of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from page_tracker.counting.model import RETENTION_DAYS


def oldest_kept_day(today: date) -> date:
    """Return the first day whose daily counts are kept."""
    return today - timedelta(days=RETENTION_DAYS - 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive days, including the first and the last one.

    Raises ValueError if the first day is after the last one.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse a span without days."""
        if self.first > self.last:
            raise ValueError(
                f"{self.first} is after {self.last}; "
                "allowed: a first day that is not after the last one"
            )

    @classmethod
    def until(cls, today: date, days: int) -> Self:
        """Return the span of so many days that ends today."""
        return cls(today - timedelta(days=days - 1), today)

    @property
    def days(self) -> list[date]:
        """All days, the oldest first."""
        number = (self.last - self.first).days + 1
        return [self.first + timedelta(days=after) for after in range(number)]

    def as_kept(self, today: date) -> Self:
        """Return the span with its ends moved to days whose counts are kept."""
        oldest = oldest_kept_day(today)
        first, last = (min(max(day, oldest), today) for day in (self.first, self.last))
        return type(self)(first, last)
