"""Tests of Fathom's export."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from page_tracker.transfer.entries import FileError, Views
from page_tracker.transfer.formats import FORMATS
from page_tracker.transfer.formats.fathom import FATHOM
from tests.unit.formats.reading import document, read

SAMPLE = Path(__file__).parents[2] / "sample_files" / "fathom.csv"
HEADER = "datetime,hostname,pathname,pageviews\n"


def test_should_read_an_export() -> None:
    assert read(FATHOM, SAMPLE.read_bytes()) == [
        Views(2, "https://example.com", "/blog/a", 3, date(2026, 11, 20)),
        Views(3, "https://example.com", "/", 2, date(2026, 11, 20)),
        Views(4, "https://www.example.com", "/blog/b", 1, date(2026, 11, 21)),
    ]


def test_should_convert_hours_to_days_in_the_time_zone() -> None:
    entries = read(
        FATHOM, SAMPLE.read_bytes(), timezone=ZoneInfo("America/Los_Angeles")
    )

    days = [entry.day for entry in entries if isinstance(entry, Views)]
    assert days == [date(2026, 11, 20)] * 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", [], id="no rows"),
        pytest.param(
            "2026-11-20 08:00:00,example.com,/a,4\n",
            [Views(2, "example.com", "/a", 4, date(2026, 11, 20))],
            id="a host without a scheme",
        ),
        pytest.param(
            '2026-11-20 08:00:00,,"/a,b",4\r\n\r\n',
            [Views(2, "", "/a,b", 4, date(2026, 11, 20))],
            id="CRLF, quotes and no host",
        ),
        pytest.param(
            "2026-11-20 08:00:00,,/a,0\n",
            [Views(2, "", "/a", 0, date(2026, 11, 20))],
            id="no views",
        ),
    ],
)
def test_should_read_rows(content: str, expected: list[object]) -> None:
    assert read(FATHOM, HEADER + content) == expected
    assert read(FATHOM, b"\xef\xbb\xbf" + (HEADER + content).encode()) == expected


def test_should_read_columns_in_any_order() -> None:
    content = "pathname,pageviews,datetime,hostname\n/a,2,2026-11-20 08:00:00,h\n"

    assert read(FATHOM, content) == [Views(2, "h", "/a", 2, date(2026, 11, 20))]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param("2026-11-20 08:00:00,h,/a\n", "columns", id="short"),
        pytest.param("2026-11-20 08:00:00,h,/a,x\n", "number of views", id="views"),
        pytest.param("2026-11-20,h,/a,1\n", "is not a time", id="a day"),
        pytest.param("2026-11-31 08:00:00,h,/a,1\n", "is not a time", id="a wrong day"),
        pytest.param("0001-01-01 00:00:00,h,/a,1\n", "is not a time", id="too early"),
    ],
)
def test_should_refuse_wrong_rows(content: str, error: str) -> None:
    right = "2026-11-20 08:00:00,h,/a,1\n"

    with pytest.raises(FileError, match=f"^line 3: .*{error}.*allowed: "):
        read(FATHOM, HEADER + right + content, timezone=ZoneInfo("America/New_York"))


def test_should_refuse_the_file_of_events() -> None:
    content = "datetime,hostname,pathname,event_name,completions\n"

    with pytest.raises(FileError, match="Fathom's events.*allowed: .*page views"):
        read(FATHOM, content)


@pytest.mark.parametrize("content", [b"", b"\0\xff\xfe\0", b"date,path,views\n"])
def test_should_not_recognize_other_files(content: bytes) -> None:
    assert not [each for each in FORMATS if each.recognizes(document(content))]
