"""Writes counts as a CSV file that GoatCounter imports, with one row for each view.

The format is version 2 of tpl/help/export.md in arp242/goatcounter, which all its
versions 2 import. These facts are from its exportcsv.go, memstore.go and hit.go:

- The file has no host, so all rows belong to the site that it is imported into.
- GoatCounter shows only a first visit of a path in a session. Its page for imports
  takes FirstVisit from the file. Its command finds it out from the sessions. So no
  path comes twice in one session here.
- It refuses views in the future.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from typing import IO

from page_tracker.counting.model import Count
from page_tracker.transfer.sorted_counts import CountSorter

_HEADER = (
    "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,"
    "Screen size,Location,FirstVisit,Date\n"
)
_NOON = time(12)


def write_goatcounter(file: IO[str], counts: Iterable[Count], now: datetime) -> None:
    """Write the counts of one site: first the totals of its pages, then its days.

    Each view is at noon of its day, in the time zone of the present time. Views of no
    known day are at noon of the day before all others. A view is a row of about 60
    bytes, besides its path.
    """
    file.write(_HEADER)
    with ExitStack() as stack:
        file.writelines(_rows(counts, now, CountSorter(stack)))


def _rows(
    counts: Iterable[Count], now: datetime, undated: CountSorter
) -> Iterator[str]:
    """Yield the rows. The sorter sums the views of no known day."""
    first = now.date()
    for count in counts:
        path, views, day = count.page.path, count.views, count.day
        undated.add(count.page, views if day is None else -views, None)
        if day is not None:
            first = min(first, day)
            yield from _rows_of_views(path, views, day, now)
    for site in undated.sort():
        for count in site.counts(first):
            day = first - timedelta(days=1)
            # Views that are counted meanwhile may be in the days and not in the totals.
            yield from _rows_of_views(count.page.path, count.views, day, now)


def _rows_of_views(path: str, views: int, day: date, now: datetime) -> Iterator[str]:
    noon = datetime.combine(day, _NOON, now.tzinfo)
    moment = min(noon, now).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    quoted_path = path.replace('"', '""')
    session = f"{day.toordinal():x}"
    for view in range(1, views + 1):
        yield f'"{quoted_path}",,false,,,,{session}-{view:x},0,,,,,true,{moment}\n'
