"""Tests of Simple Analytics' export."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from page_tracker.transfer.entries import FileError, LeftOut, Views
from page_tracker.transfer.formats.simple_analytics import SIMPLE_ANALYTICS
from tests.unit.formats.reading import read

SAMPLE = Path(__file__).parents[2] / "sample_files" / "simple-analytics.csv"
DAY = date(2026, 11, 20)


def test_should_read_an_export() -> None:
    assert read(SIMPLE_ANALYTICS, SAMPLE.read_bytes()) == [
        Views(2, "example.com", "/blog/a", 1, DAY),
        LeftOut(3, "it is an event, not a view", "popup_show"),
        Views(4, "example.com", "/", 1, DAY),
        LeftOut(5, "it comes from a robot", "/blog/a"),
    ]


def test_should_convert_times_to_days_in_the_time_zone() -> None:
    entries = read(
        SIMPLE_ANALYTICS, SAMPLE.read_bytes(), timezone=ZoneInfo("Asia/Kolkata")
    )

    days = [entry.day for entry in entries if isinstance(entry, Views)]
    assert days == [DAY, date(2026, 11, 21)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "added_iso,path\n2026-11-20T08:00:00.000Z,/a\n",
            [Views(2, "", "/a", 1, DAY)],
            id="only the necessary fields",
        ),
        pytest.param(
            "Path,Added_ISO,datapoint\r\n/a,2026-11-20T08:00:00Z,\r\n",
            [Views(2, "", "/a", 1, DAY)],
            id="CRLF, another order, no datapoint",
        ),
        pytest.param(
            "added_iso,path,is_robot\n2026-11-20T23:30:00.123-05:00,/a,0\n",
            [Views(2, "", "/a", 1, date(2026, 11, 21))],
            id="a time with an offset",
        ),
        pytest.param("added_iso,path\n", [], id="no rows"),
    ],
)
def test_should_read_rows(content: str, expected: list[object]) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read(SIMPLE_ANALYTICS, content.encode(encoding)) == expected


@pytest.mark.parametrize(
    ("row", "error"),
    [
        pytest.param("2026-11-20T08:00:00Z", "columns", id="short"),
        pytest.param("2026-11-20T08:00:00,/a", "is not a time", id="no zone"),
        pytest.param("1763625600,/a", "is not a time", id="a number"),
        pytest.param("2026-11-20T25:00:00Z,/a", "is not a time", id="a wrong hour"),
    ],
)
def test_should_refuse_wrong_rows(row: str, error: str) -> None:
    with pytest.raises(FileError, match=f"^line 2: .*{error}.*allowed: "):
        read(SIMPLE_ANALYTICS, f"added_iso,path\n{row}\n")


def test_should_refuse_a_column_twice() -> None:
    content = "added_iso,path,path\n2026-11-20T08:00:00Z,/a,/b\n"

    with pytest.raises(FileError, match="line 1: .*2 columns.*'path'.*allowed: one"):
        read(SIMPLE_ANALYTICS, content)
