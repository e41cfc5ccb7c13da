"""The results: medians of figures and medians of ratios."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Self

from tests.benchmarks.measuring import Case, Figures

FIGURES = tuple(field.name for field in fields(Figures))
"""The names of all figures."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a case in each round."""

    case: Case
    rounds: list[Figures]

    def medians(self) -> dict[str, float | None]:
        """Return the median of each figure."""
        return {
            name: _median([getattr(figures, name) for figures in self.rounds])
            for name in FIGURES
        }

    def ratios(self, to: Self) -> dict[str, float | None]:
        """Return the median of the ratios of each figure, which are taken by round."""
        return {
            name: median_ratio(
                [getattr(own, name) for own in self.rounds],
                [getattr(other, name) for other in to.rounds],
            )
            for name in FIGURES
        }


def median_ratio(
    own: Sequence[float | None], other: Sequence[float | None]
) -> float | None:
    """Return the median of the ratios of two figures, which are taken by round.

    Return None if no round has a ratio.
    """
    return _median([_ratio(*both) for both in zip(own, other, strict=True)])


def _ratio(own: float | None, other: float | None) -> float | None:
    return own / other if own is not None and other else None


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
