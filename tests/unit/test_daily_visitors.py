"""Distinct visitors of days, in bounded memory."""

import random
from datetime import date, timedelta

import pytest

from page_tracker.transfer import daily_visitors
from page_tracker.transfer.daily_visitors import DailyVisitors, TooManyVisitorsError

_DAY = date(2026, 11, 20)


def test_counts_a_visitor_once_by_site_and_day() -> None:
    visitors = DailyVisitors()
    for site, days in [("a", 0), ("a", 0), ("a", 1), ("b", 0)]:
        visitors.add(site, _DAY + timedelta(days), 7)

    assert visitors.take() == [
        ("a", _DAY, 1),
        ("a", _DAY + timedelta(1), 1),
        ("b", _DAY, 1),
    ]


def test_returns_only_the_visitors_who_are_new() -> None:
    visitors = DailyVisitors()
    visitors.add("a", _DAY, 7)
    visitors.take()

    visitors.add("a", _DAY, 7)
    assert not visitors.take()

    visitors.add("a", _DAY, 8)
    assert visitors.take() == [("a", _DAY, 1)]


def test_many_visitors_are_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given few that are kept in sets
    monkeypatch.setattr(daily_visitors, "_MAX_RECENT", 100)
    chance = random.Random(1)
    seen = [
        (_DAY + timedelta(chance.randrange(3)), chance.randrange(2000) << 50)
        for _ in range(10_000)
    ]

    visitors = DailyVisitors()
    for day, visitor in seen:
        visitors.add("a", day, visitor)

    assert visitors.take() == [
        ("a", day, sum(each == day for each, _ in set(seen)))
        for day in sorted({day for day, _ in seen})
    ]


@pytest.mark.parametrize("days", [1, 10**6], ids=["on one day", "on many days"])
def test_more_visitors_than_fit_into_memory_are_refused(
    monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(daily_visitors, "_MAX_RECENT", 100)
    monkeypatch.setattr(daily_visitors, "MAX_VISITORS", 5000)
    visitors, number = DailyVisitors(), 0

    with pytest.raises(TooManyVisitorsError, match="allowed: up to about 5000 "):
        for number in range(10_000):
            visitors.add("a", _DAY + timedelta(number % days), number)

    assert number == (4999 if days == 1 else 99)


def test_pseudonyms_differ_between_imports() -> None:
    one, other = DailyVisitors(), DailyVisitors()

    assert one.pseudonym("x") == one.pseudonym("x") != other.pseudonym("x")
