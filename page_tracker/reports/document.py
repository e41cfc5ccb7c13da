"""A report as headings, lines and tables, whatever format it is written in."""

from collections.abc import Sequence
from dataclasses import dataclass

NAME_LENGTH = 80
"""The maximum number of characters of a name in a report."""

_BEGIN = 48
_GAP = "..."


@dataclass(frozen=True, slots=True)
class Table:
    """Names with numbers, below headings."""

    headings: Sequence[str]
    """The heading of the names, and those of the numbers."""

    rows: Sequence[tuple[str, Sequence[int]]]
    has_bars: bool = False
    """Whether a bar shows the first number of each row."""

    @property
    def greatest(self) -> int:
        """The greatest of the first numbers."""
        return max((numbers[0] for _, numbers in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Section:
    """What a report says of one site."""

    title: str
    lines: Sequence[str]
    tables: Sequence[Table] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A report."""

    title: str
    lines: Sequence[str]
    """What applies to all sections."""

    dashboard: str
    """The URL of the dashboard; empty if it is not known."""

    sections: Sequence[Section]


def in_thousands(number: int) -> str:
    """Return a number with commas: 1,234,567."""
    return f"{number:,}"


def shortened(name: str) -> str:
    """Return a name without its middle if it is very long.

    Programs for mail cut or break long lines.
    """
    if len(name) <= NAME_LENGTH:
        return name
    end = NAME_LENGTH - _BEGIN - len(_GAP)
    return f"{name[:_BEGIN]}{_GAP}{name[-end:]}"
