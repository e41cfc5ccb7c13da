"""Which number a badge shows: the option "show"."""

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from page_tracker.counting.model import Tally


class ShownNumber(NamedTuple):
    """A number that a badge can show."""

    label: str
    """The label if no other is given."""

    of: Callable[[Tally], int] = attrgetter("page_views")

    days: int | None = None
    """The tally has the page's views on this many days up to today; None: on all."""

    of_all_time: bool = False
    """Whether views from before the tracker may be added."""


SHOWN_NUMBERS = {
    "total": ShownNumber("views", of_all_time=True),
    "today": ShownNumber("views today", days=1),
    "7-days": ShownNumber("views in 7 days", days=7),
    "30-days": ShownNumber("views in 30 days", days=30),
    "site": ShownNumber("views", attrgetter("site_views"), of_all_time=True),
    "visitors-today": ShownNumber("visitors today", attrgetter("site_visitors_today")),
}
