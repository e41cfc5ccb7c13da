"""The views of pages on several days together, read in short steps."""

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from time import monotonic

import apsw

from page_tracker.backends.pauses import pause
from page_tracker.backends.sqlite.database import Database, fetch_all
from page_tracker.backends.sqlite.incoming import part_of
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.schema import number_of

# The write-ahead log cannot begin again while a step reads. A pause as long as the step
# leaves half of a core to views.
_STEP_S = 0.005
_ROWS_PER_READ = 1_000

# Views that are incoming may be those of pages that have no row yet.
_TABLES = """
CREATE TEMP TABLE page_sum (page INTEGER PRIMARY KEY, views INTEGER NOT NULL);
CREATE TEMP TABLE path_sum (path TEXT PRIMARY KEY, views INTEGER NOT NULL)
"""
_ADD_DAY = """
INSERT INTO temp.page_sum SELECT page, views FROM day_page WHERE day = ? AND site = ?
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_ADD_INCOMING = """
INSERT INTO temp.path_sum SELECT path, views FROM incoming WHERE day = ? AND part = ?
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_PAGES = """
SELECT page, path, page_sum.views FROM temp.page_sum JOIN page ON page.id = page
WHERE page > ? ORDER BY page LIMIT ?
"""
_PATHS = """
SELECT rowid, path, views FROM temp.path_sum WHERE rowid > ? ORDER BY rowid LIMIT ?
"""


def page_views(path: Path, site: str, days: Sequence[date]) -> dict[str, int]:
    """Return the views of each page on these days. Raises BackendError."""
    # A connection of its own does not make other queries wait.
    with closing(Database(path)) as database:
        database.use(lambda connection: connection.execute(_TABLES).fetchall())
        left = [number_of(day) for day in reversed(days)]
        while left:
            begun = monotonic()
            database.read(partial(_add_days, site, left))
            pause(monotonic() - begun)
        sums = dict[str, int]()
        for query in (_PAGES, _PATHS):
            last = -1
            while rows := database.read(partial(_read, query, last)):
                for last, page, views in rows:
                    sums[page] = sums.get(page, 0) + views
                    # An import that replaces counts has negative ones.
                    if sums[page] <= 0:
                        del sums[page]
                pause()
        return sums


def _add_days(site: str, left: list[int], connection: apsw.Connection) -> None:
    """Add the views of some days to the sums, and remove these days from the list."""
    site_id, until = id_of(connection, site), monotonic() + _STEP_S
    part = part_of(connection, site_id)
    while left and monotonic() < until:
        day = left.pop()
        connection.execute(_ADD_DAY, (day, site_id))
        if part is not None:
            connection.execute(_ADD_INCOMING, (day, part))


def _read(
    query: str, after: int, connection: apsw.Connection
) -> list[tuple[int, str, int]]:
    rows: list[tuple[int, str, int]] = fetch_all(
        connection, query, after, _ROWS_PER_READ
    )
    return rows
