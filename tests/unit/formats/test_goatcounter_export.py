"""Tests of the CSV file for GoatCounter."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, tzinfo
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from page_tracker.counting.model import Count, Page
from page_tracker.transfer.entries import Views
from page_tracker.transfer.formats.goatcounter_csv import GOATCOUNTER_CSV
from page_tracker.transfer.goatcounter_export import write_goatcounter
from tests.unit.formats.reading import read

TODAY = date(2026, 11, 28)
YESTERDAY, LONG_AGO = TODAY - timedelta(1), TODAY - timedelta(399)
NOW = datetime(2026, 11, 28, 18, tzinfo=UTC)
A, B = Page("example.com", "/a"), Page("example.com", '/b,"c"')


def write(*counts: Count, now: datetime = NOW) -> str:
    """Return what is written."""
    file = StringIO()
    write_goatcounter(file, counts, now)
    return file.getvalue()


def read_again(
    content: str, timezone: tzinfo = UTC
) -> Counter[tuple[str, date | None]]:
    """Return the views of each path and day in the file."""
    views: Counter[tuple[str, date | None]] = Counter()
    for entry in read(GOATCOUNTER_CSV, content, timezone=timezone):
        assert isinstance(entry, Views)
        views[entry.path, entry.day] += entry.views
    return views


def test_should_write_what_goatcounter_reads() -> None:
    assert write(Count(A, 2), Count(A, 2, YESTERDAY)).splitlines() == [
        "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,"
        "Referrer scheme,Screen size,Location,FirstVisit,Date",
        '"/a",,false,,,,b4a6b-1,0,,,,,true,2026-11-27T12:00:00Z',
        '"/a",,false,,,,b4a6b-2,0,,,,,true,2026-11-27T12:00:00Z',
    ]


def test_should_keep_the_views_of_days() -> None:
    counts = [Count(A, 5), Count(B, 2), Count(A, 3, LONG_AGO), Count(B, 1, LONG_AGO)]
    counts += [Count(A, 2, TODAY), Count(B, 1, TODAY)]

    assert read_again(write(*counts)) == {
        ("/a", LONG_AGO): 3,
        ('/b,"c"', LONG_AGO): 1,
        ("/a", TODAY): 2,
        ('/b,"c"', TODAY): 1,
    }


def test_should_date_other_views_before_the_first_day() -> None:
    counts = [Count(A, 10), Count(B, 2), Count(A, 3, YESTERDAY), Count(A, 1, TODAY)]

    assert read_again(write(*counts)) == {
        ("/a", YESTERDAY): 3,
        ("/a", TODAY): 1,
        ("/a", YESTERDAY - timedelta(1)): 6,
        ('/b,"c"', YESTERDAY - timedelta(1)): 2,
    }


def test_should_date_views_yesterday_if_no_day_is_known() -> None:
    assert read_again(write(Count(A, 2))) == {("/a", YESTERDAY): 2}


def test_should_write_a_view_that_is_in_its_day_and_not_yet_in_the_total() -> None:
    assert read_again(write(Count(A, 2), Count(A, 3, TODAY))) == {("/a", TODAY): 3}


def test_should_put_each_view_of_a_page_into_a_session_of_its_own() -> None:
    counts = [Count(A, 9), Count(B, 3), Count(A, 3, YESTERDAY), Count(B, 3, YESTERDAY)]
    counts += [Count(A, 3, TODAY)]

    rows = [row.split(",") for row in write(*counts).splitlines() if '"/a"' in row]

    assert len({row[6] for row in rows}) == 9


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("hour", [0, 23])
def test_should_write_no_view_in_the_future(zone: str, hour: int) -> None:
    timezone = ZoneInfo(zone)
    now = datetime(2026, 11, 28, hour, 30, tzinfo=timezone)
    content = write(Count(A, 2), Count(A, 1, YESTERDAY), Count(A, 1, TODAY), now=now)

    times = [datetime.fromisoformat(row[-20:]) for row in content.splitlines()[1:]]

    assert max(times) <= now
    assert read_again(content, timezone) == {("/a", YESTERDAY): 1, ("/a", TODAY): 1}
