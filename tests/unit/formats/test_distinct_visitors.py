"""Tests of counting distinct visitors."""

import random
from datetime import date, timedelta

import pytest

from page_tracker.transfer import distinct_visitors
from page_tracker.transfer.distinct_visitors import DistinctVisitors

DAY = date(2026, 11, 20)


def test_should_count_each_visitor_once_a_day_and_host() -> None:
    visitors = DistinctVisitors()
    for visitor in ("one", "two", "one"):
        visitors.add("a.example", DAY, visitor)
    visitors.add("b.example", DAY, "one")
    visitors.add("a.example", DAY + timedelta(1), "one")

    assert visitors.new_counts() == [
        ("a.example", DAY, 2),
        ("b.example", DAY, 1),
        ("a.example", DAY + timedelta(1), 1),
    ]


def test_should_count_only_those_who_are_new() -> None:
    visitors = DistinctVisitors()
    visitors.add("a.example", DAY, "one")
    visitors.new_counts()

    visitors.add("a.example", DAY, "one")
    assert not visitors.new_counts()

    visitors.add("a.example", DAY, "two")
    assert visitors.new_counts() == [("a.example", DAY, 1)]


def test_should_count_many_visitors() -> None:
    visitors = DistinctVisitors()
    for _ in range(2):
        for number in range(250_000):
            visitors.add("a.example", DAY, str(number))

    assert visitors.new_counts() == [("a.example", DAY, 250_000)]


def test_should_count_visitors_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given few that are kept in sets
    monkeypatch.setattr(distinct_visitors, "_MAX_IN_SETS", 100)
    chance = random.Random(1)
    seen = [
        (DAY + timedelta(chance.randrange(3)), str(chance.randrange(2000)))
        for _ in range(10_000)
    ]

    visitors = DistinctVisitors()
    for day, visitor in seen:
        visitors.add("a.example", day, visitor)

    assert sorted(visitors.new_counts()) == [
        ("a.example", day, sum(each == day for each, _ in set(seen)))
        for day in sorted({day for day, _ in seen})
    ]


@pytest.mark.parametrize("days", [1, 10**6], ids=["on one day", "on many days"])
def test_should_refuse_more_visitors_than_fit_into_memory(
    monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(distinct_visitors, "_MAX_IN_SETS", 100)
    monkeypatch.setattr(distinct_visitors, "MAX_VISITORS", 5000)
    visitors, number = DistinctVisitors(), 0

    with pytest.raises(ValueError, match="allowed: up to about 5000 "):
        for number in range(10_000):
            visitors.add("a.example", DAY + timedelta(number % days), str(number))

    assert number == (4999 if days == 1 else 99)
