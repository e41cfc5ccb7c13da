"""Tests of the two exports of Umami: which views and visitors they have."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from page_tracker.transfer.entries import FileError, LeftOut, Views, Visitors
from page_tracker.transfer.formats.umami_cloud import UMAMI_CLOUD
from page_tracker.transfer.formats.umami_pages import UMAMI_PAGES
from tests.unit.formats.reading import document, read, sample

DAY, NEXT_DAY = date(2026, 11, 19), date(2026, 11, 20)
HEADER = "website_id,session_id,hostname,url_path,event_type,created_at,new_column\n"
EVENT = "it is an event, not a view"


def row(
    path: str = "/a",
    *,
    session: str = "s1",
    host: str = "example.com",
    kind: str = "1",
    time: str = "2026-11-19 08:00:00",
) -> str:
    """Return a row for the header."""
    return f"w1,{session},{host},{path},{kind},{time},\n"


def test_should_read_a_sample_of_the_cloud() -> None:
    assert read(UMAMI_CLOUD, sample("umami-cloud.zip")) == [
        Views(2, "example.com", "/", 1, DAY),
        Views(3, "example.com", "/blog/a", 1, DAY),
        LeftOut(4, EVENT, "/blog/a"),
        Views(5, "example.com", "/blog/a#comments", 1, NEXT_DAY),
        Visitors(1, "example.com", DAY, 1),
        Visitors(1, "example.com", NEXT_DAY, 1),
    ]


def test_should_read_a_file_with_few_columns() -> None:
    content = (
        "\ufeffcreated_at,event_type,url_path,website_id\r\n"
        "2026-11-19T23:30:00.000Z,1,/a,w1\r\n"
    )

    assert read(UMAMI_CLOUD, content, timezone=ZoneInfo("Asia/Kolkata")) == [
        Views(2, "", "/a", 1, NEXT_DAY)
    ]


def test_should_count_each_session_once_a_day_on_each_host() -> None:
    entries = read(
        UMAMI_CLOUD,
        HEADER
        + row()
        + row("/b")
        + row(session="s2")
        + row(host="www.example.com")
        + row(time="2026-11-20 00:00:00")
        + row(session=r"\N")
        + row(session="s3", kind="2"),
    )

    assert [entry for entry in entries if isinstance(entry, Visitors)] == [
        Visitors(1, "example.com", DAY, 2),
        Visitors(1, "www.example.com", DAY, 1),
        Visitors(1, "example.com", NEXT_DAY, 1),
    ]


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (row(host=r"\N"), Views(2, "", "/a", 1, DAY)),
        (row(time="2026-11-20 00:30:00+02:00"), Views(2, "example.com", "/a", 1, DAY)),
        (row(time="2026-11-19 08:00:00.123"), Views(2, "example.com", "/a", 1, DAY)),
        (row(kind="2"), LeftOut(2, EVENT, "/a")),
        (row(kind="5"), LeftOut(2, EVENT, "/a")),
        (row(""), LeftOut(2, "it has no path")),
        (row(r"\N"), LeftOut(2, "it has no path")),
    ],
    ids=str,
)
def test_should_read_a_row(line: str, entry: Views | LeftOut) -> None:
    assert read(UMAMI_CLOUD, HEADER + line)[0] == entry


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (f"{HEADER}w1,s1\n", "^line 2: it has 2 columns; allowed: 7"),
        (HEADER + row() + row(time=r"\N"), r"line 3: .* is not a time"),
        (
            {"x/website_event.csv": HEADER + row(time="?"), "event_data.csv": ""},
            "x/website_event.csv, line 2: .* is not a time",
        ),
        (f"{HEADER.strip()},created_at\n", "2 columns named 'created_at'"),
    ],
)
def test_should_refuse_a_wrong_file_of_the_cloud(
    content: str | dict[str, str], error: str
) -> None:
    with pytest.raises(FileError, match=error):
        read(UMAMI_CLOUD, content)


def test_should_read_a_sample_of_one_s_own_server() -> None:
    assert read(UMAMI_PAGES, sample("umami.zip")) == [
        Views(2, "", "/blog/a", 17),
        Views(3, "", "/", 5),
    ]


def test_should_read_the_pages_alone() -> None:
    content = '\ufeffx,y\r\n"/a,b",17\r\n/c,0'

    assert read(UMAMI_PAGES, content) == [
        Views(2, "", "/a,b", 17),
        Views(3, "", "/c", 0),
    ]


def test_should_read_an_export_without_visitors() -> None:
    names = ("pages.csv", "browsers.csv", "os.csv", "devices.csv")

    assert not read(UMAMI_PAGES, dict.fromkeys(names, ""))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("x,y\n/a,17,1\n", "line 2: it has 3 columns; allowed: 2"),
        ("x,y\n/a,1\n/b,many\n", "line 3: 'many' is not a number"),
    ],
)
def test_should_refuse_a_wrong_file_of_pages(content: str, error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(UMAMI_PAGES, content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\0",
        "x,y\n",
        "x,y\nfirefox,15\nchrome,7\n",
        "x,y\n/a,1\nfirefox,15\n",
        'x,y\n/a,1\n"',
        "x,y,z\n/a,1,1\n",
        "website_id,url_path,event_type\n",
        {"pages.csv": "x,y\n/a,1\n", "other.csv": ""},
        {"website_event.csv": "x,y\n", "event_data.csv": ""},
    ],
)
def test_should_not_recognize_other_content(content: str | dict[str, str]) -> None:
    assert not UMAMI_CLOUD.recognizes(document(content))
    assert not UMAMI_PAGES.recognizes(document(content))
