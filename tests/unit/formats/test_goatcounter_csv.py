"""Tests of GoatCounter's CSV export: which views it has."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from page_tracker.transfer.entries import FileError, LeftOut, Views
from page_tracker.transfer.formats.goatcounter_csv import GOATCOUNTER_CSV
from tests.unit.formats.reading import document, read, sample

HEADERS = {
    1: "1Path,Title,Event,Bot,Session,FirstVisit,Referrer,Referrer scheme,Browser,"
    "Screen size,Location,Date",
    2: "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,"
    "Referrer scheme,Screen size,Location,FirstVisit,Date",
}
DAY = date(2026, 11, 20)
EVENT = "it is an event, not a view"
CRAWLER = "it is a view of a crawler"


def row(
    path: str = "/a",
    *,
    event: str = "false",
    bot: str = "0",
    first: str = "true",
    time: str = "2026-11-20T08:00:00Z",
) -> str:
    """Return a row of version 2."""
    return f'{path},A,{event},,Firefox,Linux,5a-1,{bot},,,"1920,0,1",DE,{first},{time}'


def test_should_read_a_sample() -> None:
    assert read(
        GOATCOUNTER_CSV,
        sample("goatcounter.csv.gz"),
        timezone=ZoneInfo("Europe/Berlin"),
    ) == [
        Views(2, "", "/", 1, date(2026, 11, 19)),
        Views(3, "", "/blog/a", 1, DAY),
        Views(4, "", "/blog/a", 1, DAY),
        LeftOut(5, EVENT, "buy-click"),
        Views(6, "", "/blog/a,b", 1, date(2026, 11, 22)),
    ]


def test_should_read_version_1() -> None:
    content = (
        f"\ufeff{HEADERS[1]}\r\n"
        '/a,"A ""1"", or B",false,0,17,true,,,Mozilla/5.0,"1,2,1",DE,'
        "2020-11-20T08:00:00Z\r\n"
        "\r\n"
        '/b,"two\r\nlines",false,0,17,true,,,Mozilla/5.0,,DE,2020-11-20T08:00:00Z\r\n'
        "/a,A,false,150,17,true,,,Bot/1.0,,DE,2020-11-20T08:00:00Z"
    )

    assert read(GOATCOUNTER_CSV, content) == [
        Views(2, "", "/a", 1, date(2020, 11, 20)),
        Views(5, "", "/b", 1, date(2020, 11, 20)),
        LeftOut(6, CRAWLER, "/a"),
    ]


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (row(), Views(2, "", "/a", 1, DAY)),
        (row(event="0", first="1"), Views(2, "", "/a", 1, DAY)),
        # GoatCounter's dashboard does not show it, but it is a view.
        (row(first="false"), Views(2, "", "/a", 1, DAY)),
        (
            row(time="2026-11-20T01:30:00+02:00"),
            Views(2, "", "/a", 1, date(2026, 11, 19)),
        ),
        (row(time="2026-11-20T08:00:00.123456Z"), Views(2, "", "/a", 1, DAY)),
        (row("click", event="1"), LeftOut(2, EVENT, "click")),
        (row("click", event="true"), LeftOut(2, EVENT, "click")),
        (row(bot="7"), LeftOut(2, CRAWLER, "/a")),
    ],
    ids=str,
)
def test_should_read_a_row(line: str, entry: Views | LeftOut) -> None:
    assert read(GOATCOUNTER_CSV, f"{HEADERS[2]}\n{line}\n") == [entry]


def test_should_read_an_export_without_views() -> None:
    assert not read(GOATCOUNTER_CSV, HEADERS[2])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("3Path,Title,Date\n", "line 1: .* version 3; allowed: 1 or 2"),
        ("2Path,Title,Event,Bot\n", "0 columns named 'Date'"),
        (f"{HEADERS[2]}\n/a,A,false\n", "line 2: it has 3 columns; allowed: 14"),
        (f"{HEADERS[2]}\n{row(event='maybe')}\n", "line 2: 'maybe' .* allowed: true"),
        (f"{HEADERS[2]}\n{row(bot='x')}\n", "line 2: 'x' is not a number"),
        (f"{HEADERS[2]}\n{row(time='2026-11-20')}\n", "line 2: '2026-11-20' .* a time"),
        (f"{HEADERS[2]}\n{row()}\n{row(time='')}\n", "line 3: '' is not a time"),
        (f"{HEADERS[2]}\n{row(time='0001-01-01T00:00:00+14:00')}\n", "is not a time"),
    ],
)
def test_should_refuse_a_wrong_file(content: str, error: str) -> None:
    with pytest.raises(FileError, match=error):
        read(GOATCOUNTER_CSV, content)


@pytest.mark.parametrize(
    "content",
    ["", "\0", "Path,Title\n", "2Path\n", "page,views\n/,1\n", b"\xff2Path,Title\n"],
)
def test_should_not_recognize_other_content(content: str | bytes) -> None:
    assert not GOATCOUNTER_CSV.recognizes(document(content))
