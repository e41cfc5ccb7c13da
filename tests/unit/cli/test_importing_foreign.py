"""page-tracker import: files of other counters."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from page_tracker import MemoryBackend, View
from page_tracker.transfer import formats, recognition
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    LeftOut,
    Note,
    Options,
    Span,
    Views,
    Visitors,
)
from page_tracker.transfer.formats import Format
from tests.unit.cli.conftest import Outcome, Run
from tests.unit.cli.importing import AGAIN, BLOG, increment, refusal, views


@pytest.fixture(name="foreign")
def fixture_foreign(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes the text "foreign" a file with these entries."""

    def define(*entries: Entry, **options: Any) -> None:
        def recognizes(document: Document) -> bool:
            return document.only is not None and document.only.head == b"foreign"

        def read(_document: Document, _options: Options) -> Any:
            yield from entries

        defined = Format("foreign", "Foreign export", recognizes, read, **options)
        for module in (formats, recognition):
            monkeypatch.setattr(module, "FORMATS", (defined, *formats.FORMATS))

    return define


def test_should_leave_out_wrong_names_and_future_days_and_list_them(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    future = today + timedelta(days=2)
    rows = [Views(n, "a b", "/", 1, today) for n in range(2, 7)]
    foreign(
        *rows,
        Views(7, "example.com", "blog", 1, today),
        Views(8, "example.com", "/blog", 1, future),
        Views(9, "https://EXAMPLE.com", "/blog?a#b", 3, today),
        LeftOut(10, "it is a header", number=7),
        Note(11, "This says something."),
    )

    outcome = run("import", "-", piped=b"foreign")

    assert outcome.out.splitlines()[:10] == [
        f"standard input: Foreign export, 3 views on {today}",
        "  Note: This says something.",
        "  Left out 6 views: no page can have its name",
        *(
            f"    line {line}: the host 'a b' is not valid; allowed: a name such as "
            "example.com"
            for line in (2, 3, 4)
        ),
        "  Left out 1 view: its day is in the future",
        f"    line 8: {future}",
        "  Left out 7 rows: it is a header",
        f"example.com: 3 views of 1 page on {today}",
    ]
    assert views(backend, BLOG) == [3]


def test_should_show_what_is_left_out_on_one_line(
    run: Run, today: date, foreign: Callable[..., None]
) -> None:
    foreign(
        Views(2, "example.com", "/", 1, today),
        LeftOut(3, "it is an event", "a\x07\n\N{RIGHT-TO-LEFT OVERRIDE}" + "b" * 10**6),
    )

    outcome = run("import", "-", piped=b"foreign")

    shown = "a" + "\N{REPLACEMENT CHARACTER}" * 3 + "b" * 116
    assert f"  Left out 1 row: it is an event\n    line 3: {shown}\n" in outcome.out


def test_should_take_the_site_from_the_option(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "", "/blog", 3, today), Visitors(3, "", today, 2))

    refused = run("import", "-", piped=b"foreign")
    accepted = run("import", "-", "--site", "Example.com", piped=b"foreign")

    assert refusal(refused) == (
        "standard input: the file does not say which site it is of; allowed: --site "
        "SITE, such as --site example.com"
    )
    assert accepted.code == 0
    assert "  with the visitors of 1 day" in accepted.out.splitlines()
    assert [(d.views, d.visitors) for d in backend.history("example.com", [today])] == [
        (3, 2)
    ]


def test_should_give_a_site_all_rows_if_hosts_stand_for_many(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "www.example.com", "/blog", 3, today), host_is_one_of_many=True)

    run("import", "-", "--site", "example.com", piped=b"foreign")

    assert views(backend, BLOG) == [3]


def test_should_not_guess_the_site_of_visitors(
    run: Run, today: date, foreign: Callable[..., None]
) -> None:
    foreign(
        Views(2, "www.example.com", "/", 3, today),
        Views(3, "example.com", "/", 3, today),
        Visitors(4, "", today, 2),
    )

    assert refusal(run("import", "-", piped=b"foreign")) == (
        "the visitors may belong to any of the sites that the file names (example.com, "
        "www.example.com); allowed: --site SITE, which all pages then belong to"
    )


def test_should_not_create_a_site_of_which_nothing_is_imported(
    run: Run, backend: MemoryBackend, days: list[date], foreign: Callable[..., None]
) -> None:
    foreign(
        Views(2, "example.com", "/", 3, days[0]),
        Visitors(3, "example.com", days[0], 2),
    )

    outcome = run("import", "-", "--until", str(days[1]), piped=b"foreign")

    assert outcome.out.splitlines()[-1] == (
        "Nothing was imported: there is nothing to import."
    )
    assert not backend.sites(days[0])


def test_should_leave_out_sites_that_are_not_counted_in_foreign_files(
    run: Run,
    backend: MemoryBackend,
    today: date,
    foreign: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAGE_TRACKER_SITES", "example.com")
    foreign(
        Views(2, "x.example", "/", 3, today), Views(3, "example.com", "/", 1, today)
    )

    outcome = run("import", "-", piped=b"foreign")

    assert (
        "  Left out 3 views: PAGE_TRACKER_SITES does not name its site\n"
        "    line 2: x.example\n"
    ) in outcome.out
    assert [total.site for total in backend.sites(today)] == ["example.com"]


def test_should_count_visits_only_on_demand(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    foreign(Views(2, "example.com", "/blog", 3, today), measure="visits")

    refused = run("import", "-", piped=b"foreign")
    tried = run("import", "-", "--dry-run", piped=b"foreign")
    accepted = run("import", "-", "--count-visits", piped=b"foreign")

    assert refusal(refused) == (
        "standard input (Foreign export) has visits instead of views; allowed: "
        "--count-visits, to count them as views"
    )
    first = f"standard input: Foreign export, 3 visits on {today}"
    assert tried.out.splitlines()[0] == accepted.out.splitlines()[0] == first
    assert views(backend, BLOG) == [3]


def in_total(first: date, last: date) -> str:
    """Return a report of Google Analytics with the totals of these days."""
    comments = f"# Start date: {first:%Y%m%d}\n# End date: {last:%Y%m%d}\n"
    return f"{comments}Page path,Views\n/blog,7\n"


def by_day(day: date, number: int) -> str:
    """Return an exploration of Google Analytics with views of this day."""
    return f"Date,Page path,Views\n{day:%Y%m%d},/blog,{number}\n"


def test_should_refuse_files_about_the_same_days(
    run: Run, days: list[date], tmp_path: Path
) -> None:
    files = [tmp_path / "1.csv", tmp_path / "2.csv"]

    def import_both(*texts: str) -> Outcome:
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        return run("import", "--site", "example.com", *map(str, files))

    totals = import_both(in_total(days[1], days[0]), in_total(days[2], days[1]))
    mixed = import_both(in_total(days[1], days[0]), by_day(days[1], 4))
    daily = import_both(by_day(days[1], 4), by_day(days[1], 5))
    right = import_both(in_total(days[1], days[0]), by_day(days[2], 4))

    allowed = "allowed: files that have no days in common"
    assert refusal(totals) == (
        f"{files[1]}: 1.csv has views of {days[1]} to {days[0]}, too; {allowed}"
    )
    assert refusal(mixed) == (
        f"1.csv has views of {days[1]} to {days[0]} without their days, and another "
        f"file has some of these days; {allowed}"
    )
    assert refusal(daily) == f"{files[1]}: 1.csv has views of {days[1]}, too; {allowed}"
    assert right.code == 0


def test_should_refuse_undated_views_in_the_span_of_known_days(
    run: Run, backend: MemoryBackend, days: list[date], foreign: Callable[..., None]
) -> None:
    foreign(
        Span(1, "example.com", days[5], days[2]), Views(2, "example.com", "/blog", 7)
    )
    backend.record(View(BLOG, days[1]))

    assert run("import", "-", piped=b"foreign").code == 0
    backend.record(View(BLOG, days[3]))
    foreign(
        Span(1, "example.com", days[5], days[2]), Views(2, "example.com", "/blog", 8)
    )

    assert refusal(run("import", "-", piped=b"foreign")) == (
        f"example.com already has counts of {days[5]} to {days[2]}; allowed: --add, "
        "to add the counts nevertheless"
    )
    assert views(backend, BLOG) == [9]


def test_should_refuse_days_that_are_known_only_by_a_span(
    run: Run, backend: MemoryBackend, days: list[date], foreign: Callable[..., None]
) -> None:
    foreign(
        Span(1, "example.com", days[9], days[2]), Views(2, "example.com", "/blog", 7)
    )
    run("import", "-", piped=b"foreign")

    # The same report a day later, and a file that says the days.
    foreign(
        Span(1, "example.com", days[9], days[1]), Views(2, "example.com", "/blog", 8)
    )
    longer = run("import", "-", piped=b"foreign")
    content = increment(("example.com/blog", 3, days[4]))
    daily = run("import", "-", piped=content)

    assert refusal(longer).startswith(
        f"example.com already has counts of {days[9]} to {days[2]}; allowed: "
    )
    assert refusal(daily).startswith(
        f"example.com already has counts of {days[4]}; allowed: "
    )
    assert views(backend, BLOG) == [7]


def test_should_know_only_the_past_days_of_the_span_of_a_year(
    run: Run, backend: MemoryBackend, today: date, foreign: Callable[..., None]
) -> None:
    year = Span(1, "example.com", date(2000, 1, 1), date.max)
    foreign(year, Views(2, "example.com", "/blog", 7))
    run("import", "-", piped=b"foreign")
    again = run("import", "-", piped=b"foreign")
    foreign(year, Views(2, "example.com", "/blog", 8))

    tomorrow = today + timedelta(days=1)
    assert again.out.splitlines()[-1] == AGAIN
    assert set(backend.imports("example.com").values()) == {(year.first, tomorrow)}
    assert refusal(run("import", "-", piped=b"foreign")).startswith(
        f"example.com already has counts of 2000-01-01 to {tomorrow}; allowed: --add"
    )


def test_should_not_take_the_span_of_one_file_for_that_of_another(
    run: Run, backend: MemoryBackend, days: list[date], tmp_path: Path
) -> None:
    dates = [f"# Date: {day:%Y%m%d}" for day in (days[5], days[2])]
    table = ["# ----------", *dates, "Page path,Views", "/blog,7"]
    (tmp_path / "google.csv").write_text("\n".join(table))
    (tmp_path / "umami.csv").write_text("x,y\n/blog,3\n")
    backend.record(View(BLOG, days[0]))

    outcome = run(
        *("import", "--site", "example.com", "--count-visits"),
        *(str(tmp_path / "google.csv"), str(tmp_path / "umami.csv")),
    )

    assert refusal(outcome).startswith("example.com already has counts; allowed: --add")
    assert views(backend, BLOG) == [1]
