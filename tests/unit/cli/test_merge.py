"""page-tracker merge."""

import json
from datetime import date

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.changes.making import FROM_EXPORT
from tests.unit.cli.conftest import Run

HOME, INDEX = Page("example.com", "/"), Page("example.com", "/index.html")
OLD = Page("www.example.com", "/")


def count(backend: MemoryBackend, today: date, *pages: Page) -> None:
    """Count one view of each page."""
    for page in pages:
        backend.record(View(page, today))


def test_should_merge_pages(run: Run, backend: MemoryBackend, today: date) -> None:
    count(backend, today, HOME, INDEX, INDEX)

    outcome = run("merge", str(INDEX), str(HOME), "--yes")

    assert outcome.out == (
        "Merged example.com/index.html into example.com/, "
        f"which had 1 views and has 3.\nTo undo it: {FROM_EXPORT}\n"
    )
    assert backend.tally(HOME, today).page_views == 3
    assert backend.tally(INDEX, today).page_views == 0


def test_should_merge_sites_when_the_answer_is_yes(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, today, HOME, OLD, OLD)

    outcome = run("merge", "www.example.com", "example.com", "--json", typed=b"y\n")

    assert json.loads(outcome.out) == {
        **{"merged": "www.example.com", "into": "example.com"},
        **{"before": 1, "after": 3},
        "how_to_undo": FROM_EXPORT,
    }
    assert [total.site for total in backend.sites(today)] == ["example.com"]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((str(OLD), "example.com"), "one is a page; allowed: two pages, or two sites"),
        ((str(OLD), str(HOME)), "these are pages of two sites; allowed: of one site"),
        (("example.com", "example.com"), "allowed: two different sites, neither"),
        (("example.com", "/"), "allowed: two different sites, neither"),
        ((str(HOME), str(HOME)), "allowed: two different pages"),
    ],
)
def test_should_refuse_what_cannot_be_merged(
    run: Run, backend: MemoryBackend, today: date, names: tuple[str, ...], reason: str
) -> None:
    count(backend, today, HOME, OLD)

    outcome = run("merge", *names, "--yes")

    assert outcome.code == 2
    assert reason in outcome.err
    assert backend.tally(HOME, today).site_views == 1


def test_should_merge_nothing_without_a_terminal(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    count(backend, today, HOME, OLD)

    outcome = run("merge", "www.example.com", "example.com", piped=b"y\n")

    assert (outcome.code, backend.tally(OLD, today).site_views) == (2, 1)


def test_should_refuse_to_merge_what_is_not_known(run: Run) -> None:
    outcome = run("merge", "unknown.example", "example.com", "--yes")

    assert outcome.code == 1
    assert "unknown.example is not known: it has no counts" in outcome.err
