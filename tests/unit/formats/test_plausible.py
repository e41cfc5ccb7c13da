"""Tests of Plausible's export: which views and visitors it has."""

from datetime import date

import pytest

from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Options,
    Views,
    Visitors,
)
from page_tracker.transfer.formats.plausible import PLAUSIBLE
from tests.unit.formats.reading import TODAY, document, read, sample

DAY, NEXT_DAY = date(2026, 11, 19), date(2026, 11, 20)
PAGES = '"date","hostname","page","visits","visitors","pageviews"\n'
VISITORS = '"date","visitors","pageviews","bounces","visits","visit_duration"\n'
DASHBOARD = "dashboard, .* allowed: .* Imports & Exports, Export to CSV"
NEITHER = "it has neither views of pages nor visitors of days"


def test_should_read_a_sample() -> None:
    entries = read(PLAUSIBLE, sample("plausible.zip"))

    left_out = [entry for entry in entries if isinstance(entry, LeftOut)]
    assert {entry.reason for entry in left_out} == {NEITHER}
    assert [entry.text for entry in left_out] == [
        f"imported_{table}_20261119_20261121.csv"
        for table in (
            "browsers",
            "custom_events",
            "devices",
            "entry_pages",
            "exit_pages",
            "locations",
            "operating_systems",
            "sources",
        )
    ]
    assert [entry for entry in entries if entry not in left_out] == [
        Views(2, "example.com", "/", 3, DAY),
        Views(3, "example.com", "/blog/a", 1, DAY),
        Views(4, "www.example.com", "/blog/a", 12, NEXT_DAY),
        Visitors(2, "", DAY, 2),
        Visitors(3, "", NEXT_DAY, 8),
    ]


@pytest.mark.parametrize(
    ("name", "content", "entry"),
    [
        (
            "file",
            f'{PAGES}"2026-11-19","example.com","/a",9,8,12\n',
            Views(2, "example.com", "/a", 12, DAY),
        ),
        (
            "file",
            "\ufeffdate,hostname,page,visitors,pageviews,exits,time_on_page\r\n"
            '2026-11-19,example.com,"/a,""b""",8,12,1,30\r\n',
            Views(2, "example.com", '/a,"b"', 12, DAY),
        ),
        (
            "imported_pages_20261119_20261120.csv",
            "page,date,pageviews\n/a,2026-11-19,12\n",
            Views(2, "", "/a", 12, DAY),
        ),
        (
            "file",
            f'{PAGES}"2026-11-19","example.com","",9,8,12\n',
            LeftOut(2, "it has no page"),
        ),
        (
            "file",
            f'{VISITORS}"2026-11-19",119,304,77,134,9\n',
            Visitors(2, "", DAY, 119),
        ),
        (
            "exports/imported_visitors.csv",
            "date,visitors\n2026-11-19,119\n",
            Visitors(2, "", DAY, 119),
        ),
        (
            "imported_sources_20261119_20261120.csv",
            "date,source\n2026-11-19,Google\n",
            LeftOut(1, NEITHER, "imported_sources_20261119_20261120.csv", unit="file"),
        ),
    ],
)
def test_should_read_a_single_file(name: str, content: str, entry: Entry) -> None:
    assert read(PLAUSIBLE, {name: content}) == [entry]


def test_should_say_which_members_it_leaves_out() -> None:
    content = {"imported_visitors.csv": VISITORS, "access.log": "203.0.113.7 - -"}

    assert read(PLAUSIBLE, content) == [LeftOut(1, NEITHER, "access.log", unit="file")]


@pytest.mark.parametrize(
    "member", ["imported_pages.csv", "imported_visitors_20261119_20261119.csv"]
)
def test_should_read_a_table_without_rows(member: str) -> None:
    assert not read(PLAUSIBLE, {member: PAGES if "pages" in member else VISITORS})


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (
            f'{PAGES}"2026-11-19","a.b","/a",9,8\n',
            "line 2: it has 5 columns; allowed: 6",
        ),
        (
            f'{PAGES}"19.11.2026","a.b","/a",9,8,1\n',
            "line 2: '19.11.2026' is not a day",
        ),
        (f'{PAGES}"2026-11-19","a.b","/a",9,8,1.5\n', "line 2: '1.5' is not a number"),
        (f'{VISITORS}"2026-11-19",-1,1,1,1,1\n', "line 2: '-1' is not a number"),
        (
            {
                "x/imported_pages.csv": "date,page\n",
                "x/imported_visitors.csv": VISITORS,
            },
            "x/imported_pages.csv, line 1: .* 0 columns named 'pageviews'",
        ),
        ("name,visitors,pageviews,bounce_rate,time_on_page\n/,1,1,0,0\n", DASHBOARD),
        (
            dict.fromkeys(
                ["visitors.csv", "pages.csv", "entry_pages.csv", "exit_pages.csv"],
                "name,visitors\n",
            ),
            DASHBOARD,
        ),
    ],
)
def test_should_refuse_a_wrong_file(content: str | dict[str, str], error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(PLAUSIBLE, content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\0",
        "date,page,pageviews\n",
        "date,visitors\n",
        "date,country,visitors,pageviews,bounces,visits\n",
        {"pages.csv": "x,y\n", "visitors.csv": "x,y\n"},
    ],
)
def test_should_not_recognize_other_content(content: str | dict[str, str]) -> None:
    assert not PLAUSIBLE.recognizes(document(content))


def test_should_say_which_columns_it_needs() -> None:
    with pytest.raises(
        FileError, match="line 1: .* allowed: columns as in Plausible's"
    ):
        list(PLAUSIBLE.read(document("page,views\n"), Options(TODAY)))
