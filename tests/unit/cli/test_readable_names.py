"""Commands that name hosts as people write them, and accept both forms."""

import json
from datetime import date

import pytest

from page_tracker import MemoryBackend, Page, View
from tests.unit.cli.conftest import Outcome, Run

BUECHER = Page("xn--bcher-kva.example", "/b")
JAPANESE = Page("xn--wgv71a119e.jp", "/")
BOTH_FORMS = pytest.mark.parametrize("site", ["bücher.example", BUECHER.site])


@pytest.fixture(autouse=True)
def fixture_counts(backend: MemoryBackend, today: date) -> None:
    """One view of each of three hosts, one of which could deceive."""
    for page in (BUECHER, JAPANESE, Page("xn--80ak6aa92e.com", "/")):
        backend.record(View(page, today))


def lines(outcome: Outcome) -> list[str]:
    """Return the lines that a command has printed."""
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.splitlines()


def test_should_align_wide_names_on_a_terminal(run: Run) -> None:
    assert lines(run("top", tty="stdout")) == [
        "SITE                VIEWS  PAGES  VIEWS TODAY  VISITORS TODAY",
        "xn--80ak6aa92e.com      1      1            1               0",
        "bücher.example          1      1            1               0",
        "日本語.jp               1      1            1               0",
    ]


def test_should_keep_the_stored_names_in_pipes_and_in_json(run: Run) -> None:
    assert lines(run("top", "日本語.jp")) == [f"{JAPANESE}\t1"]
    assert json.loads(run("show", "bücher.example/b", "--json").out)["page"] == str(
        BUECHER
    )
    deleted = run("delete", "bücher.example", "--yes", "--json")
    assert json.loads(deleted.out)["deleted"] == BUECHER.site


@BOTH_FORMS
def test_should_show_pages(run: Run, site: str) -> None:
    assert lines(run("top", site, tty="stdout"))[1] == "bücher.example/b      1"
    assert lines(run("show", f"{site}/b", tty="stdout"))[1].startswith(
        "bücher.example/b "
    )
    assert lines(run("show", f"{site}/b", "--days", "1"))[0] == "bücher.example/b"


@BOTH_FORMS
def test_should_change_counts(run: Run, site: str) -> None:
    assert lines(run("set", f"{site}/b", "3"))[0] == (
        "bücher.example/b has 3 views; it had 1."
    )
    assert lines(run("merge", f"{site}/b", f"{site}/c", "--yes"))[0] == (
        "Merged bücher.example/b into bücher.example/c, which had 0 views and has 3."
    )
    assert lines(run("add", f"{site}/c", "1"))[0] == (
        "bücher.example/c has 4 views; it had 3."
    )
    assert lines(run("rename", f"{site}/c", f"{site}/d"))[0] == (
        "Renamed bücher.example/c to bücher.example/d, which has 4 views."
    )
    assert lines(run("delete", f"{site}/d", "--yes"))[0] == (
        "Deleted bücher.example/d, which had 4 views."
    )


def test_should_ask_before_changing_counts(run: Run) -> None:
    deleting = run("delete", "bücher.example", typed=b"n\n")
    merging = run("merge", "bücher.example", "日本語.jp", typed=b"n\n")

    assert "Delete bücher.example with 1 views?" in deleting.err
    assert "Merge bücher.example with 1 views into 日本語.jp with" in merging.err


@BOTH_FORMS
def test_should_name_what_is_not_known(run: Run, site: str) -> None:
    outcome = run("show", f"{site}/unknown")

    assert outcome.err == (
        "page-tracker: bücher.example/unknown is not known: it has no counts\n"
    )


def test_should_say_what_cannot_be_merged(run: Run) -> None:
    outcome = run("merge", "bücher.example/b", "日本語.jp/")

    assert outcome.err.startswith(
        "page-tracker: cannot merge bücher.example/b into 日本語.jp/: "
    )


def test_should_list_names_that_the_rules_name_in_another_way(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_SAME_SITES", "bücher.example=日本語.jp")

    assert lines(run("merge", "--yes")) == [
        "Merged:",
        "bücher.example into 日本語.jp",
    ]


@BOTH_FORMS
def test_should_summarize_imports(run: Run, site: str) -> None:
    table = f"page,views\n{site}/x,5\nother.example/,2\n".encode()

    refused = run("import", "-", piped=table)
    imported = lines(run("import", "--add", "--site", site, "-", piped=table))

    assert ": bücher.example already has counts; allowed: --add" in refused.err
    assert "bücher.example: 5 views of 1 page" in imported
    assert "  Left out 2 views: its site is not bücher.example" in imported


def test_should_export_the_stored_names(run: Run) -> None:
    assert lines(run("export", "--site", "bücher.example")) == [
        "page,views",
        f"{BUECHER},1",
    ]
