"""page-tracker report."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from page_tracker import MemoryBackend, Page, View
from page_tracker.counting.model import Ignored
from page_tracker.counting.page_names import parse_page
from page_tracker.reports.period import Period
from tests.unit.cli.conftest import Run

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")
HEBREW = parse_page("example.com/שלום")


@pytest.fixture(name="week")
def fixture_week(today: date) -> list[date]:
    """The days of the last week that is over."""
    return Period.last("week", today).span.days


@pytest.fixture(name="before")
def fixture_before(today: date) -> list[date]:
    """The days of the week before."""
    return Period.last("week", today).before.days


def count(backend: MemoryBackend, page: Page, day: date, times: int = 1) -> None:
    """Record views of a page, each by someone else."""
    for number in range(times):
        backend.record(View(page, day, f"visitor {number}"))


def report(run: Run, *arguments: str) -> str:
    """Return the report that the command prints."""
    outcome = run("report", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out


def test_should_report_on_the_last_week(
    run: Run,
    backend: MemoryBackend,
    week: list[date],
    before: list[date],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    count(backend, BLOG, before[0])
    count(backend, ABOUT, before[6], times=3)
    count(backend, BLOG, week[0], times=4)
    count(backend, ABOUT, week[6])
    backend.record(View(BLOG, week[2], "a", referrer="news.example"))
    backend.record(View(BLOG, week[2], ignored=Ignored.CRAWLER))

    title = f"Week from {week[0]} to {week[6]}"
    assert report(run).splitlines() == [
        title,
        "=" * len(title),
        "",
        "example.com",
        "-----------",
        "6 views, 50.0 % more than in the week before (4)",
        "6 visitors, 50.0 % more than in the week before (4)",
        "Ignored: 1 view (crawler 1)",
        "",
        "Day             Views  Visitors",
        f"Mon {week[0]}      4         4  {'█' * 16}",
        f"Tue {week[1]}      0         0",
        f"Wed {week[2]}      1         1  ████",
        f"Thu {week[3]}      0         0",
        f"Fri {week[4]}      0         0",
        f"Sat {week[5]}      0         0",
        f"Sun {week[6]}      1         1  ████",
        "",
        "Views  Week before  Page",
        "    5            1  /blog",
        "    1            3  /about",
        "",
        "Views  Week before  Referrer",
        "    1            0  news.example",
        "    5            4  Directly or unknown",
        "",
        "Days begin at midnight in UTC.",
        "Visitors: the visitors of each day together. Someone who came on two days "
        "counts twice.",
    ]


def test_should_leave_out_what_is_not_known(
    run: Run, backend: MemoryBackend, week: list[date]
) -> None:
    backend.record(View(BLOG, week[1]))

    lines = report(run, "example.com").splitlines()

    assert lines[5:8] == ["1 view", f"First day of the site: {week[1]}", ""]
    assert lines[8] == "Day             Views"
    assert lines[-4:] == ["Views  Page", "    1  /blog", "", lines[-1]]


def test_should_compare_with_a_week_that_had_no_views(
    run: Run, backend: MemoryBackend, week: list[date], before: list[date]
) -> None:
    count(backend, BLOG, before[0] - timedelta(days=1))
    count(backend, BLOG, week[0], times=2)

    assert "2 views, none in the week before\n" in report(run)


@pytest.mark.parametrize(
    ("views", "text"),
    [
        ((0, 4), "0 views, 100.0 % fewer than in the week before (4)"),
        ((3, 3), "3 views, as many as in the week before"),
        ((1, 3), "1 view, 66.7 % fewer than in the week before (3)"),
    ],
)
def test_should_say_how_much_the_views_have_changed(
    run: Run,
    backend: MemoryBackend,
    today: date,
    views: tuple[int, int],
    text: str,
) -> None:
    period = Period.last("week", today)
    for day, times in zip((period.span.last, period.before.first), views, strict=True):
        count(backend, BLOG, day, times)

    assert report(run).splitlines()[5] == text


def test_should_name_the_sites_without_views_together(
    run: Run, backend: MemoryBackend, today: date, week: list[date]
) -> None:
    count(backend, BLOG, week[0])
    count(backend, Page("", "/"), today)
    count(backend, Page("xn--bcher-kva.example", "/"), today, times=2)

    out = report(run)

    assert out.index("\nexample.com\n") < out.index("\nNo views in this week and")
    assert "---\nbücher.example\n/\n\n" in out


def test_should_report_that_there_is_nothing_to_report(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    assert "\nNo site has any counts yet.\n" in report(run)

    count(backend, BLOG, today)
    assert "\nNo views in this month and the month before\n" in report(
        run, "example.com", "--last", "month"
    )


def test_should_not_know_a_site_without_counts(run: Run) -> None:
    outcome = run("report", "other.example")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "page-tracker: other.example is not known: it has no counts\n"
    )


@pytest.mark.parametrize("option", ["--last", "--format"])
def test_should_refuse_an_unknown_choice(run: Run, option: str) -> None:
    outcome = run("report", option, "year")

    assert (outcome.code, outcome.out) == (2, "")
    assert f"{option}: 'year' is not one of " in outcome.err


def test_should_report_on_the_last_month(
    run: Run, backend: MemoryBackend, today: date
) -> None:
    month = Period.last("month", today).span
    count(backend, BLOG, month.last)
    count(backend, BLOG, month.last + timedelta(days=1))

    out = report(run, "--last", "month")

    assert out.startswith(f"{month.first:%B %Y}\n")
    assert f"\n{month.last:%a} {month.last}      1         1  " in out
    assert out.count(f" {month.first:%Y-%m}-") == month.last.day + 1


def test_should_link_the_dashboard_if_its_address_is_known(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_URL", "https://counter.example")
    monkeypatch.setenv("PAGE_TRACKER_BASE_PATH", "/a_b")
    monkeypatch.setenv("PAGE_TRACKER_TOKEN", "a-token-of-thirty-two-characters")

    url = "https://counter.example/a_b/dashboard"
    assert report(run).endswith(f"\nDashboard: {url}\n")
    assert report(run, "--format", "markdown").endswith(f"\n- Dashboard: <{url}>\n")
    assert f'<a href="{url}">Dashboard</a>' in report(run, "--format", "html")


def test_should_write_markdown_without_markup_in_names(
    run: Run, backend: MemoryBackend, week: list[date]
) -> None:
    count(backend, Page("example.com", "/a_b*c*"), week[0], times=2)
    count(backend, HEBREW, week[1])

    lines = report(run, "example.com", "--format", "markdown").splitlines()

    assert lines[:5] == [
        f"# Week from {week[0]} to {week[6]}",
        "",
        "## example.com",
        "",
        "- 3 views",
    ]
    assert "| Day | Views | Visitors |  |" in lines
    assert f"| Mon {week[0]} | 2 | 2 | {'█' * 20} |" in lines
    assert r"| /a\_b\*c\* | 2 |" in lines
    assert "| \u2066/שלום\u2069 | 1 |" in lines


class Elements(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


def test_should_write_html_that_programs_for_mail_show(
    run: Run, backend: MemoryBackend, week: list[date]
) -> None:
    hostile = Page("example.com", "/<script>&lt;\"'" + "x" * 1000)
    count(backend, hostile, week[0], times=2)
    count(backend, HEBREW, week[1])

    out = report(run, "--format", "html")

    page = Elements(out)
    assert not page.open
    assert not page.names & {"script", "style", "img", "svg", "link", "iframe"}
    assert not page.attributes & {"src", "href", "class", "id", "background"}
    assert "/שלום" in page.texts
    assert any(text.startswith("/<script>&lt;\"'x") for text in page.texts)
    assert out.isascii()
    assert max(map(len, out.splitlines())) <= 998


def test_should_write_names_that_the_output_cannot_show_as_they_are_stored(
    run: Run,
    backend: MemoryBackend,
    week: list[date],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count(backend, HEBREW, week[0])
    monkeypatch.setattr("page_tracker.operations.terminal.can_show", str.isascii)
    monkeypatch.setattr("page_tracker.cli.report.can_show", str.isascii)

    out = report(run, "--format", "text")

    assert out.isascii()
    assert f"  {HEBREW.path}\n" in out
    assert "/שלום" in Elements(report(run, "--format", "html")).texts


def test_should_end_with_a_newline_only(run: Run) -> None:
    for kind in ("text", "markdown", "html"):
        out = report(run, "--format", kind)
        assert out.endswith("\n") and not out.endswith("\n\n")
