"""page-tracker set and delete."""

import json
from datetime import date

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.changes.making import FROM_EXPORT
from page_tracker.counting.model import FRONT_PAGE
from tests.unit.cli.conftest import Run

BLOG, HOME = Page("example.com", "/blog"), Page("example.com", "/")


def count(backend: MemoryBackend, today: date, *pages: Page) -> None:
    """Count one view of each page."""
    for page in pages:
        backend.record(View(page, today))


def views(backend: MemoryBackend, today: date) -> tuple[int, int]:
    """Return the views of the page /blog, and of its site."""
    tally = backend.tally(BLOG, today)
    return tally.page_views, tally.site_views


def test_should_set_the_views_of_a_page(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, today, BLOG, HOME)

    outcome = run("set", "https://example.com/blog", "500")

    assert outcome.code == 0
    assert outcome.out == (
        "example.com/blog has 500 views; it had 1.\n"
        "To undo it: page-tracker subtract example.com/blog 499\n"
    )
    assert views(backend, today) == (500, 501)


def test_should_set_the_views_of_the_front_page(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    outcome = run("set", "/", "42", "--json")

    assert json.loads(outcome.out) == {
        **{"page": "/", "views": 42, "before": 0},
        "how_to_undo": "page-tracker subtract / 42",
    }
    assert backend.tally(FRONT_PAGE, today).page_views == 42


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["example.com", "5"],
            "PAGE: this is a site; allowed: a page, such as 'example.com/'",
        ),
        (["example.com/"], "N is missing"),
        (
            ["example.com/", "1,234"],
            "N: '1,234' is not allowed; allowed: a whole number from 0 to 90071992547",
        ),
        (
            ["example.com/", "4.0"],
            "N: '4.0' is not allowed; allowed: a whole number from 0 to 90071992547",
        ),
        (
            ["example.com/", "9007199254740992"],
            "N: '9007199254740992' is not allowed; allowed: a whole number",
        ),
        (["example.com/", "-1"], "unknown option -1; allowed: "),
    ],
)
def test_should_set_nothing_when_an_argument_is_wrong(
    run: Run, backend: MemoryBackend, today: date, arguments: list[str], reason: str
) -> None:
    outcome = run("set", *arguments)

    assert outcome.code == 2
    assert outcome.err.startswith(f"page-tracker: {reason}")
    assert not backend.sites(today)


def test_should_delete_a_page_when_the_answer_is_yes(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, today, BLOG, BLOG, HOME)

    outcome = run("delete", "example.com/blog", typed=b"y\n")

    assert outcome.code == 0
    assert "Delete example.com/blog with 2 views? [y/N]" in outcome.err
    assert outcome.out == (
        f"Deleted example.com/blog, which had 2 views.\nTo undo it: {FROM_EXPORT}\n"
    )
    assert views(backend, today) == (0, 1)


@pytest.mark.parametrize(
    ("name", "left"), [("example.com/", (2, 2)), ("example.com", (0, 0))]
)
def test_should_recognize_a_page_by_its_slash(
    run: Run, backend: MemoryBackend, today: date, name: str, left: tuple[int, int]
) -> None:
    count(backend, today, BLOG, BLOG, HOME)

    outcome = run("delete", name, "--yes", "--json")

    before = 3 - left[1]
    assert json.loads(outcome.out) == {
        **{"deleted": name, "before": before},
        "how_to_undo": FROM_EXPORT,
    }
    assert views(backend, today) == left


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"typed": b"\n"}, (1, "page-tracker: nothing was deleted\n")),
        ({"typed": b""}, (130, "page-tracker: interrupted\n")),
        (
            {"piped": b"y\n"},
            (2, "cannot ask for confirmation without a terminal; allowed: --yes\n"),
        ),
    ],
    ids=["no", "no answer", "no terminal"],
)
def test_should_delete_nothing_unless_the_answer_is_yes(
    run: Run,
    backend: MemoryBackend,
    today: date,
    given: dict[str, bytes],
    refused: tuple[int, str],
) -> None:
    count(backend, today, BLOG)

    outcome = run("delete", "example.com", **given)

    code, error = refused
    assert outcome.code == code
    assert outcome.err.endswith(error)
    assert views(backend, today) == (1, 1)


@pytest.mark.parametrize("name", ["unknown.example", "unknown.example/", "/"])
def test_should_refuse_to_delete_an_unknown_page_or_site(run: Run, name: str) -> None:
    outcome = run("delete", name, "--yes")

    assert outcome.code == 1
    assert outcome.err == (f"page-tracker: {name} is not known: it has no counts\n")
