"""The week or the month that a report is about."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self, get_args

from page_tracker.counting.span import Span

Kind = Literal["week", "month"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Period:
    """A whole week from Monday to Sunday, or a whole calendar month."""

    kind: Kind
    span: Span

    @classmethod
    def last(cls, kind: Kind, today: date) -> Self:
        """Return the last one that is over today."""
        days = today.weekday() if kind == "week" else today.day - 1
        return cls.until(kind, today - timedelta(days=days + 1))

    @classmethod
    def until(cls, kind: Kind, last: date) -> Self:
        """Return the one with this last day."""
        days = 6 if kind == "week" else last.day - 1
        return cls(kind, Span(last - timedelta(days=days), last))

    @property
    def before(self) -> Span:
        """The days of the one before."""
        return self.until(self.kind, self.span.first - timedelta(days=1)).span

    @property
    def title(self) -> str:
        """The name for people."""
        if self.kind == "week":
            return f"Week from {self.span.first} to {self.span.last}"
        return f"{self.span.first:%B %Y}"
