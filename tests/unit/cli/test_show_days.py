"""page-tracker show PAGE --days N: the views of a page by day, as bars."""

import json
from datetime import date, timedelta

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.cli.page_days import PageDays
from page_tracker.counting.model import Tally
from tests.unit.cli.conftest import Run

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")


@pytest.fixture(autouse=True)
def fixture_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")


def count(backend: MemoryBackend, page: Page, day: date, times: int = 1) -> None:
    """Record views of a page."""
    for _ in range(times):
        backend.record(View(page, day))


def lines_of(run: Run, page: Page, days: int) -> list[str]:
    """Return the lines that the command prints about a page."""
    outcome = run("show", str(page), "--days", str(days))
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.splitlines()


def test_should_show_each_day_as_a_bar(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    count(backend, ABOUT, days[3], times=2)
    count(backend, BLOG, days[2], times=8)
    count(backend, BLOG, days[0], times=2)

    assert lines_of(run, BLOG, 4) == [
        "example.com/blog",
        "All time: 10 views, 83.3 % of the site's views",
        "Last 4 days: 10 views, 83.3 % of the site's views",
        f"Best day: {days[2]}, with 8 views",
        "",
        f"{days[3]}        0",
        f"{days[2]}        8  {'█' * 18}",
        f"{days[1]}        0",
        f"{days[0]} today  2  ████▌",
    ]


def test_should_show_one_view(run: Run, backend: MemoryBackend, today: date) -> None:
    count(backend, BLOG, today)

    assert lines_of(run, BLOG, 1) == [
        "example.com/blog",
        "All time: 1 view, 100 % of the site's views",
        "Today: 1 view, 100 % of the site's views",
        f"Best day: {today}, with 1 view",
        "",
        f"{today} today  1  {'█' * 18}",
    ]


def test_should_show_no_bars_when_no_day_has_views(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    count(backend, BLOG, days[9])

    assert lines_of(run, BLOG, 7) == [
        "example.com/blog",
        "All time: 1 view, 100 % of the site's views",
        "Last 7 days: no views",
    ]


def test_should_leave_out_the_days_before_the_first_views_of_the_site(
    run: Run, backend: MemoryBackend, days: list[date]
) -> None:
    count(backend, ABOUT, days[2])
    count(backend, BLOG, days[1])

    assert lines_of(run, BLOG, 400)[2:] == [
        "Last 400 days: 1 view, 50.0 % of the site's views",
        f"Best day: {days[1]}, with 1 view",
        f"First day of the site: {days[2]}",
        "",
        f"{days[2]}        0",
        f"{days[1]}        1  {'█' * 18}",
        f"{days[0]} today  0",
    ]


def test_should_show_the_front_page_of_the_tracker(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, Page("", "/"), today, times=2)

    assert lines_of(run, Page("", "/"), 1)[:2] == [
        "/",
        "All time: 2 views, 100 % of the site's views",
    ]


@pytest.mark.parametrize("width", ["1", "30", "80", "200"])
def test_should_fit_each_line_of_days_into_the_terminal(
    run: Run,
    backend: MemoryBackend,
    days: list[date],
    monkeypatch: pytest.MonkeyPatch,
    width: str,
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    count(backend, BLOG, days[1], times=7)
    count(backend, BLOG, days[0])

    lines = lines_of(run, BLOG, 2)[-2:]

    without_bars = len(f"{days[0]} today  1")
    assert all(len(line) < max(int(width), without_bars + 1) for line in lines)


def test_should_show_every_day_with_views_beside_a_day_with_very_many(
    days: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    views = {days[2]: 10**9, days[1]: 1, days[0]: 0}
    by_day = PageDays(views, site_views=2 * 10**9, first_day=days[2])

    lines = list(by_day.lines(BLOG, Tally(10**9 + 1, 2 * 10**12, 1)))

    assert lines[1:] == [
        "All time: 1000000001 views, 0.1 % of the site's views",
        "Last 3 days: 1000000001 views, 50.0 % of the site's views",
        f"Best day: {days[2]}, with 1000000000 views",
        "",
        f"{days[2]}        1000000000  {'█' * 49}",
        f"{days[1]}                 1  ▏",
        f"{days[0]} today           0",
    ]


@pytest.mark.parametrize(
    ("views", "of_site", "share"),
    [
        (1, 10**9, "less than 0.1 %"),
        (1, 3, "33.3 %"),
        (10**9 - 1, 10**9, "more than 99.9 %"),
        (3, 3, "100 %"),
    ],
)
def test_should_call_only_all_views_100_percent(
    today: date, views: int, of_site: int, share: str
) -> None:
    by_day = PageDays({today: views}, site_views=of_site, first_day=today)

    shown = list(by_day.lines(BLOG, Tally(views, of_site, 1)))

    assert shown[2].endswith(f", {share} of the site's views")


def test_should_write_every_day_as_json(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, BLOG, today, times=3)

    outcome = run("show", str(BLOG), "--days", "2", "--json")

    assert json.loads(outcome.out) == {
        "page": "example.com/blog",
        "views": 3,
        "site": "example.com",
        "site_views": 3,
        "site_visitors_today": 0,
        "days": [
            {"day": (today - timedelta(days=1)).isoformat(), "views": 0},
            {"day": today.isoformat(), "views": 3},
        ],
    }
