"""page-tracker add, subtract and rename."""

import json
import shlex
from datetime import date

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.counting.model import MAX_VIEWS
from tests.unit.cli.conftest import Run

BLOG, HOME = Page("example.com", "/blog"), Page("example.com", "/")
LEFT = {BLOG: 3, HOME: 1}


@pytest.fixture(autouse=True)
def fixture_counts(backend: MemoryBackend, today: date) -> None:
    """Three views of a page, and one of another."""
    for page in (BLOG, BLOG, BLOG, HOME):
        backend.record(View(page, today))


def numbers(backend: MemoryBackend, today: date) -> tuple[int, ...]:
    """Return the views of the page, of its site, and of both on this day."""
    tally = backend.tally(BLOG, today)
    (site_on_day,) = backend.history(BLOG.site, [today])
    (page_on_day,) = backend.page_history(BLOG, [today])
    return tally.page_views, tally.site_views, page_on_day, site_on_day.views


def test_should_take_a_flood_out_of_a_day(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    outcome = run("subtract", "example.com/blog", "2", "--day", str(today))

    assert outcome.out == (
        "example.com/blog has 1 view; it had 3. "
        f"On {today}, it has 1 view; it had 3.\n"
        f"To undo it: page-tracker add example.com/blog 2 --day {today}\n"
    )
    assert numbers(backend, today) == (1, 2, 1, 2)


def test_should_undo_as_the_output_says(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    for command in (
        ["subtract", "example.com/blog", "2", "--day", str(today)],
        ["add", "example.com/blog", "7"],
        ["set", "example.com/blog", "0"],
        ["rename", "example.com/blog", "example.com/it's new?p=1"],
        ["rename", "example.com", "new.example"],
    ):
        made = json.loads(run(*command, "--json").out)
        backend.record(View(HOME, today))
        undo = made["how_to_undo"].removeprefix("page-tracker ")
        assert numbers(backend, today)[0] != 3
        run(*shlex.split(undo), *(["--yes"] if "merge" in undo else []))
        assert numbers(backend, today)[0] == 3


@pytest.mark.parametrize(
    "command",
    [
        ["set", "--json", "--", "-a.example/", "9"],
        ["subtract", "--json", "--day", "TODAY", "--", "-a.example/", "1"],
        ["rename", "--json", "--", "-a.example", "b.example"],
    ],
    ids=str,
)
def test_should_undo_changes_of_a_host_with_a_leading_hyphen(
    run: Run, backend: MemoryBackend, today: date, command: list[str]
) -> None:
    page = Page("-a.example", "/")
    backend.record(View(page, today))
    arguments = [str(today) if word == "TODAY" else word for word in command]
    made = json.loads(run(*arguments).out)

    verb, *undo = shlex.split(made["how_to_undo"])[1:]
    run(verb, *(["--yes"] if verb == "merge" else []), *undo)

    assert backend.tally(page, today).page_views == 1


def test_should_add_views_to_the_total_only(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    outcome = run("add", "example.com/blog", "2", "--json")

    assert json.loads(outcome.out) == {
        "page": "example.com/blog",
        "before": {"views": 3, "views_of_site": 4},
        "after": {"views": 5, "views_of_site": 6},
        "how_to_undo": "page-tracker subtract example.com/blog 2",
    }
    assert numbers(backend, today) == (5, 6, 3, 4)


@pytest.mark.parametrize(
    ("command", "views", "what"),
    [
        ("add", MAX_VIEWS - 2, "example.com/blog"),
        ("add", MAX_VIEWS - 3, "example.com"),
        ("set", MAX_VIEWS, "example.com"),
    ],
)
def test_should_not_exceed_what_an_export_can_have(
    run: Run, backend: MemoryBackend, command: str, views: int, what: str
) -> None:
    outcome = run(command, "example.com/blog", str(views))

    assert outcome.code == 1
    assert outcome.err == (
        f"page-tracker: {what} would have {MAX_VIEWS + 1} views; "
        f"allowed: at most {MAX_VIEWS}\n"
    )
    assert {
        each.page: each.views for each in backend.pages("example.com").pages
    } == LEFT


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["4"], 1, "example.com/blog has 3 views; allowed: at most that many"),
        (["0"], 2, "N: '0' is not allowed; allowed: a whole number from 1 to "),
        (["1", "--day", "2019-01-01"], 2, "day: 2019-01-01 is not kept; allowed: "),
        (["1", "--day", "3 November"], 2, "--day: '3 November' is not a day"),
    ],
)
def test_should_take_nothing_out_when_that_is_impossible(
    run: Run, backend: MemoryBackend, arguments: list[str], code: int, reason: str
) -> None:
    outcome = run("subtract", "example.com/blog", *arguments)

    assert outcome.code == code
    assert outcome.err.startswith(f"page-tracker: {reason}")
    assert {
        each.page: each.views for each in backend.pages("example.com").pages
    } == LEFT


def test_should_rename_a_page(run: Run, backend: MemoryBackend, today: date) -> None:
    outcome = run("rename", "example.com/blog", "example.com/news")

    assert outcome.out == (
        "Renamed example.com/blog to example.com/news, which has 3 views.\n"
        "To undo it: page-tracker merge example.com/news example.com/blog\n"
    )
    assert backend.tally(Page("example.com", "/news"), today).page_views == 3


@pytest.mark.parametrize(
    ("names", "code", "reason"),
    [
        (
            ("example.com/blog", "example.com/"),
            1,
            "example.com/ has counts already; allowed: another name, or to merge both",
        ),
        (("example.com/x", "example.com/y"), 1, "example.com/x is not known"),
        (("example.com/blog", "b.example"), 2, "cannot rename example.com/blog to b"),
        (("example.com", "/"), 2, "cannot rename example.com to /: allowed: two"),
    ],
)
def test_should_rename_nothing_when_that_is_impossible(
    run: Run, backend: MemoryBackend, names: tuple[str, str], code: int, reason: str
) -> None:
    outcome = run("rename", *names)

    assert outcome.code == code
    assert outcome.err.startswith(f"page-tracker: {reason}")
    assert {
        each.page: each.views for each in backend.pages("example.com").pages
    } == LEFT
