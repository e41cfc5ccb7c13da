"""The last week and the last month."""

from datetime import date

import pytest

from page_tracker.counting.span import Span
from page_tracker.reports.period import Period


@pytest.mark.parametrize(
    "today", [date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 6)]
)
def test_should_take_the_last_week_that_is_over(today: date) -> None:
    period = Period.last("week", today)

    assert period.span == Span(date(2026, 11, 23), date(2026, 11, 29))
    assert period.before == Span(date(2026, 11, 16), date(2026, 11, 22))
    assert period.title == "Week from 2026-11-23 to 2026-11-29"


@pytest.mark.parametrize(
    ("today", "span", "before", "title"),
    [
        (
            date(2026, 3, 1),
            Span(date(2026, 2, 1), date(2026, 2, 28)),
            Span(date(2026, 1, 1), date(2026, 1, 31)),
            "February 2026",
        ),
        (
            date(2026, 1, 31),
            Span(date(2025, 12, 1), date(2025, 12, 31)),
            Span(date(2025, 11, 1), date(2025, 11, 30)),
            "December 2025",
        ),
    ],
)
def test_should_take_the_last_calendar_month(
    today: date, span: Span, before: Span, title: str
) -> None:
    period = Period.last("month", today)

    assert (period.span, period.before, period.title) == (span, before, title)
