"""Export of the counts of a site. It reads snapshots, so that counting can go on."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import apsw

from page_tracker.backends.sqlite.database import Database, fetch_all
from page_tracker.backends.sqlite.reading import id_of, views_of_pages
from page_tracker.backends.sqlite.schema import day_of
from page_tracker.counting.model import Count, Page

_ROWS_PER_READ = 1_000

_DAYS = "SELECT day FROM day WHERE site = ? AND views > 0 ORDER BY day"


def counts(path: Path, site: str) -> Iterator[Count]:
    """Yield the counts of a site: totals, then each day. Raises BackendError."""
    with closing(Database(path)) as database:
        site_id = database.read(lambda connection: id_of(connection, site))
        yield from _copied(database, site, site_id, None)
        days = database.read(lambda connection: fetch_all(connection, _DAYS, site_id))
        for (day,) in days:
            yield from _copied(database, site, site_id, day_of(day))


def _copied(
    database: Database, site: str, site_id: int | None, day: date | None
) -> Iterator[Count]:
    """Copy rows, and yield the copies as counts."""
    database.read(partial(_copy, site_id, day))
    last = 0
    while rows := database.read(partial(_read, last)):
        for last, path, views in rows:
            yield Count(Page(site, path), views, day)
    database.read(lambda connection: connection.execute("DROP TABLE temp.copy"))


def _copy(site_id: int | None, day: date | None, connection: apsw.Connection) -> None:
    # A long query would keep the write-ahead log from beginning again. Copies do not.
    query, values = views_of_pages(connection, site_id, day)
    connection.execute(f"CREATE TEMP TABLE copy AS {query}", values)


def _read(after: int, connection: apsw.Connection) -> list[tuple[int, str, int]]:
    rows: list[tuple[int, str, int]] = fetch_all(
        connection,
        "SELECT rowid, path, views FROM temp.copy WHERE rowid > ? LIMIT ?",
        *(after, _ROWS_PER_READ),
    )
    return rows
