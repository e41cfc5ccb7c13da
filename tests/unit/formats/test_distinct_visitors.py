"""Tests of counting distinct visitors."""

from datetime import date, timedelta

from page_tracker.transfer.distinct_visitors import DistinctVisitors

DAY = date(2026, 11, 20)


def test_should_count_each_visitor_once_a_day_and_host() -> None:
    visitors = DistinctVisitors()
    for visitor in ("one", "two", "one"):
        visitors.add("a.example", DAY, visitor)
    visitors.add("b.example", DAY, "one")
    visitors.add("a.example", DAY + timedelta(1), "one")

    assert list(visitors.counts()) == [
        ("a.example", DAY, 2),
        ("b.example", DAY, 1),
        ("a.example", DAY + timedelta(1), 1),
    ]


def test_should_count_many_visitors() -> None:
    visitors = DistinctVisitors()
    for _ in range(2):
        for number in range(250_000):
            visitors.add("a.example", DAY, str(number))

    assert list(visitors.counts()) == [("a.example", DAY, 250_000)]
