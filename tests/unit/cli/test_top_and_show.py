"""page-tracker top and show."""

import json
from datetime import date, timedelta

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.counting.model import FRONT_PAGE
from tests.unit.cli.conftest import Run

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")
OTHER = Page("other.example", "/")


@pytest.fixture(autouse=True)
def fixture_counts(backend: MemoryBackend, today: date) -> None:
    """Views of three sites, some of them from yesterday."""
    yesterday = today - timedelta(days=1)
    for page, day, visitor in [
        (BLOG, yesterday, "a"),
        (BLOG, today, "a"),
        (BLOG, today, "b"),
        (ABOUT, yesterday, "a"),
        (OTHER, today, None),
        (OTHER, today, None),
        (FRONT_PAGE, today, None),
    ]:
        backend.record(View(page, day, visitor))


def test_should_separate_the_sites_by_tabs_in_a_pipe(run: Run) -> None:
    outcome = run("top")

    assert outcome.code == 0
    assert outcome.out == (
        "example.com\t4\t2\t2\t2\nother.example\t2\t1\t2\t0\n/\t1\t1\t1\t0\n"
    )


def test_should_align_the_sites_below_headings_on_a_terminal(run: Run) -> None:
    assert run("top", tty="stdout").out == (
        "SITE           VIEWS  PAGES  VIEWS TODAY  VISITORS TODAY\n"
        "example.com        4      2            2               2\n"
        "other.example      2      1            2               0\n"
        "/                  1      1            1               0\n"
    )


def test_should_limit_the_number_of_sites(run: Run) -> None:
    assert run("top", "--limit", "1").out == "example.com\t4\t2\t2\t2\n"
    assert run("--limit", "1", "top").out == "example.com\t4\t2\t2\t2\n"


def test_should_write_the_sites_as_json(run: Run, today: date) -> None:
    assert json.loads(run("top", "--json", "--limit", "1").out) == {
        "today": today.isoformat(),
        "sites": [
            {
                "site": "example.com",
                "views": 4,
                "pages": 2,
                "views_today": 2,
                "visitors_today": 2,
            }
        ],
    }


def test_should_show_the_pages_of_a_site(run: Run) -> None:
    assert (
        run("top", "EXAMPLE.com").out == "example.com/blog\t3\nexample.com/about\t1\n"
    )
    assert run("top", "/").out == "/\t1\n"


def test_should_show_the_pages_of_a_day(run: Run, today: date) -> None:
    outcome = run("top", "example.com", "--day", today.isoformat(), "--json")

    assert json.loads(outcome.out) == {
        "site": "example.com",
        "day": today.isoformat(),
        "days": None,
        "pages": [{"page": "example.com/blog", "path": "/blog", "views": 2}],
    }


def test_should_show_the_pages_of_several_days(run: Run) -> None:
    outcome = run("top", "example.com", "--days", "2", "--limit", "1", "--json")

    assert json.loads(outcome.out) == {
        "site": "example.com",
        "day": None,
        "days": 2,
        "pages": [{"page": "example.com/blog", "path": "/blog", "views": 3}],
    }
    assert run("top", "example.com", "--days", "1").out == "example.com/blog\t2\n"
    assert run("top", "example.com", "--days", "400").out == (
        "example.com/blog\t3\nexample.com/about\t1\n"
    )


def test_should_show_only_headings_on_a_terminal_when_a_day_has_no_views(
    run: Run,
) -> None:
    outcome = run("top", "example.com", "--day", "2020-01-01", tty="stdout")

    assert (outcome.code, outcome.out) == (0, "PAGE  VIEWS\n")


@pytest.mark.parametrize("name", ["example.com/blog", "https://example.com:443/blog?a"])
def test_should_show_a_page(run: Run, name: str) -> None:
    assert run("show", name).out == "example.com/blog\t3\t4\t2\n"
    assert run("show", name, tty="stdout").out == (
        "PAGE              VIEWS  VIEWS OF THE SITE  VISITORS TODAY\n"
        "example.com/blog      3                  4               2\n"
    )
    assert json.loads(run("show", name, "--json").out) == {
        "page": "example.com/blog",
        "views": 3,
        "site": "example.com",
        "site_views": 4,
        "site_visitors_today": 2,
    }


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["show", "unknown.example"], "unknown.example/"),
        (["show", "example.com/unknown", "--json"], "example.com/unknown"),
        (["show", "example.com/unknown", "--days", "7"], "example.com/unknown"),
        (["top", "unknown.example", "--days", "7"], "unknown.example"),
        (["top", "unknown.example"], "unknown.example"),
        (["top", "unknown.example", "--day", "2026-11-23", "--json"], "unknown.ex"),
    ],
)
def test_should_say_that_it_knows_no_such_page_or_site(
    run: Run, arguments: list[str], what: str
) -> None:
    outcome = run(*arguments)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"page-tracker: {what}")
    assert outcome.err.endswith(" is not known: it has no counts\n")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["top", "example.com/blog"],
            "SITE: this is a page; allowed: a site, such as exam",
        ),
        (["top", "exa mple"], "SITE: the host 'exa mple' is not valid; allowed: "),
        (["top", "--day", "2026-11-23"], "--day requires a site; allowed: top SITE "),
        (["top", "--days", "7"], "--days requires a site; allowed: top SITE --days N"),
        (
            ["top", "x.example", "--days", "7", "--day", "2026-11-23"],
            "--day and --days exclude each other; allowed: one",
        ),
        (
            ["top", "x.example", "--days", "401"],
            "--days: '401' is not allowed; allowed: a whole number from 1 to 400",
        ),
        (
            ["show", "x.example", "--days", "0"],
            "--days: '0' is not allowed; allowed: a whole number from 1 to 400",
        ),
        (["show", "--days", "7"], "PAGE is missing"),
        (["top", "x.example", "--day", "1.2.2026"], "--day: '1.2.2026' is not a"),
        (["top", "x.example", "--day", "2026-W48-1"], "--day: '2026-W48-1' is not a"),
        (["top", "x.example", "--day", "2026-02-30"], "--day: '2026-02-30' is not a"),
        (
            ["top", "--limit", "0"],
            "--limit: '0' is not allowed; allowed: a whole number from 1 to 10000",
        ),
        (
            ["top", "--limit", "1_0"],
            "--limit: '1_0' is not allowed; allowed: a whole number from 1 to 10000",
        ),
        (["show"], "PAGE is missing"),
        (["show", "ftp://example.com"], "PAGE: the scheme 'ftp' is not valid; "),
        (["show", "a.example", "b.example"], "Got unexpected extra argument"),
        (
            ["show", "--limit", "1"],
            "unknown option --limit; allowed: --days N, --json, --backend",
        ),
        (["show", "a.example", "redis://:s3cret@h"], "a URL in the wrong place; "),
        (["show", "me:s3cret@a.example/x"], "PAGE: a user needs a scheme before it; "),
        (["show", "http:"], "PAGE: the host is missing; allowed: a name such as "),
        (["top", "--redis-url", "memory://"], "commands cannot read counts in memory"),
        (["top", "--redis-url", "redis://:s3cret@:0"], "--backend: "),
    ],
)
def test_should_say_in_one_line_what_is_wrong(
    run: Run, arguments: list[str], reason: str
) -> None:
    outcome = run(*arguments)

    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"page-tracker: {reason}")
    assert outcome.out == ""
