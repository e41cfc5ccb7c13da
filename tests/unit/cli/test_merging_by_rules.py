"""page-tracker merge without names: what the owner's rules name in another way."""

import json
from datetime import date

import pytest

from page_tracker import MemoryBackend, Page, View
from tests.unit.cli.conftest import Run
from tests.unit.test_naming import RULES

OLD = ["www.example.com/Blog/", "www.example.com/blog", "example.com/blog/index.html"]


@pytest.fixture(name="counted", autouse=True)
def fixture_counted(backend: MemoryBackend, today: date) -> None:
    """Count views under names of earlier rules, and one of a page with that name."""
    for name in (*OLD, "example.com/blog", "other.example/?p=7"):
        site, slash, path = name.partition("/")
        backend.record(View(Page(site, slash + path), today))


@pytest.fixture(name="rules", autouse=True)
def fixture_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, text in RULES.items():
        monkeypatch.setenv(variable, text)


def test_should_merge_all_other_names(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    outcome = run("merge", "--yes")

    assert outcome.out.splitlines() == [
        "Merged:",
        "www.example.com into example.com",
        "example.com/Blog/ into example.com/blog",
        "example.com/blog/index.html into example.com/blog",
    ]
    assert [(each.site, each.views) for each in backend.sites(today)] == [
        ("example.com", 4),
        ("other.example", 1),
    ]
    tally = backend.tally(Page("example.com", "/blog"), today)
    assert (tally.page_views, tally.site_views) == (4, 4)
    assert backend.page_views("example.com", [today]) == {"/blog": 4}


def test_should_find_nothing_more_afterwards(run: Run) -> None:
    run("merge", "--yes")

    assert run("merge").out == "Nothing is stored under another name.\n"
    assert json.loads(run("merge", "--json").out) == {"sites": {}, "pages": {}}


def test_should_show_the_names_and_ask(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    refused = run("merge", typed=b"n\n")

    assert refused.code == 1
    assert "www.example.com into example.com" in refused.err
    assert "Names to merge: 3. Merge?" in refused.err
    assert len(backend.sites(today)) == 3


def test_should_want_both_names_or_neither(run: Run) -> None:
    outcome = run("merge", "www.example.com")

    assert outcome.code == 2
    assert "INTO is missing; allowed: FROM and INTO, or neither" in outcome.err
