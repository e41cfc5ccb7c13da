"""How a tally is shown, after the options of a request have been read."""

from collections.abc import Callable
from dataclasses import dataclass

from page_tracker.counting.model import Page, Tally


@dataclass(frozen=True, slots=True)
class Show:
    """Shows tallies."""

    draw: Callable[[Page, Tally], str | bytes]

    days: int | None = None
    """The views of the page are wanted on this many days up to today; None: on all."""
