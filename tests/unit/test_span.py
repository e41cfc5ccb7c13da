"""Tests of spans of days."""

from datetime import date

import pytest

from page_tracker.counting.span import Span

TODAY = date(2026, 11, 25)


def test_should_have_all_days_with_both_ends() -> None:
    span = Span(date(2026, 2, 27), date(2026, 3, 1))

    assert span.days == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


def test_should_have_the_last_days_with_today() -> None:
    assert Span.until(TODAY, 2).days == [date(2026, 11, 24), TODAY]


def test_should_refuse_to_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="2026-11-25 is after 2026-11-24; allowed: "):
        Span(TODAY, date(2026, 11, 24))


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [
        (date(2026, 11, 1), TODAY, Span(date(2026, 11, 1), TODAY)),
        (date.min, date.max, Span(date(2025, 10, 22), TODAY)),
        (date.min, date.min, Span(date(2025, 10, 22), date(2025, 10, 22))),
        (date.max, date.max, Span(TODAY, TODAY)),
    ],
)
def test_should_move_its_ends_to_days_that_are_kept(
    first: date, last: date, kept: Span
) -> None:
    assert Span(first, last).as_kept(TODAY) == kept
