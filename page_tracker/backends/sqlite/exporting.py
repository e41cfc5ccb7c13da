"""Export of the counts of a site. It reads snapshots, so that counting can go on."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import apsw

from page_tracker.backends.sqlite.database import Database, fetch_all
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.schema import day_of
from page_tracker.counting.model import Count, Page

_ROWS_PER_READ = 1_000

# A long query would keep the write-ahead log from beginning again. Copies do not.
_COPY_TOTALS = """
CREATE TEMP TABLE copy AS SELECT path, views FROM page WHERE site = ?1
"""
_COPY_DAY = """
CREATE TEMP TABLE copy AS SELECT path, day_page.views FROM day_page
JOIN page ON page.id = page WHERE day = ?2 AND day_page.site = ?1
"""
_DAYS = "SELECT day FROM day WHERE site = ? AND views > 0 ORDER BY day"


def counts(path: Path, site: str) -> Iterator[Count]:
    """Yield the counts of a site: totals, then each day. Raises BackendError."""
    with closing(Database(path)) as database:
        site_id = database.read(lambda connection: id_of(connection, site))
        copy = partial(_copied, database, site)
        yield from copy(None, _COPY_TOTALS, site_id)
        days = database.read(lambda connection: fetch_all(connection, _DAYS, site_id))
        for (day,) in days:
            yield from copy(day_of(day), _COPY_DAY, site_id, day)


def _copied(
    database: Database, site: str, day: date | None, copy: str, *values: int | None
) -> Iterator[Count]:
    """Copy rows, and yield the copies as counts."""
    database.read(lambda connection: connection.execute(copy, values))
    last = 0
    while rows := database.read(partial(_read, last)):
        for last, path, views in rows:
            yield Count(Page(site, path), views, day)
    database.read(lambda connection: connection.execute("DROP TABLE temp.copy"))


def _read(after: int, connection: apsw.Connection) -> list[tuple[int, str, int]]:
    rows: list[tuple[int, str, int]] = fetch_all(
        connection,
        "SELECT rowid, path, views FROM temp.copy WHERE rowid > ? LIMIT ?",
        *(after, _ROWS_PER_READ),
    )
    return rows
