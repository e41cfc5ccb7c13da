"""Counts of an import on their way into the tables of pages.

They are staged, and nobody sees them. One short transaction then lets all of them
count, and changes the totals of sites and days. After that, the views of a page are
those in its row and those that are still incoming. Small steps move the incoming ones
into the rows. If the import is killed, housekeeping goes on with them.
"""

import json
import time
from collections.abc import Callable, Iterable
from functools import partial

import apsw

from page_tracker.backends.sqlite.database import fetch_one
from page_tracker.backends.sqlite.schema import TOTAL

Step = Callable[[apsw.Connection], object]

ROWS_PER_STEP = 1_000
"""This many rows are moved or deleted in a few milliseconds."""

# An import whose last step was longer ago is no longer running.
_RUNNING_S = 600.0

_ADD_TOTALS = """
INSERT INTO page (site, path, views)
SELECT :site, path, views FROM incoming
WHERE part = :part AND day = :day AND path <= :last
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
# A day that has expired since is left out.
_ADD_DAY = """
INSERT INTO day_page (day, site, page, views)
SELECT :day, :site, page.id, incoming.views
FROM incoming CROSS JOIN page INDEXED BY page_by_path
    ON page.site = :site AND page.path = incoming.path
WHERE part = :part AND day = :day AND incoming.path <= :last
    AND EXISTS (SELECT 1 FROM day WHERE day.site = :site AND day.day = :day)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
# An import that replaces counts has negative ones.
_DELETE_EMPTY = """
DELETE FROM day_page
WHERE day = :day AND site = :site AND views <= 0 AND page IN (
    SELECT page.id FROM incoming CROSS JOIN page INDEXED BY page_by_path
        ON page.site = :site AND page.path = incoming.path
    WHERE part = :part AND day = :day AND incoming.path <= :last
        AND incoming.views < 0
)
"""
_DELETE_ADDED = """
DELETE FROM incoming WHERE part = :part AND day = :day AND path <= :last
"""
_ADD_TOTALS_OF_PAGES = """
INSERT INTO page (site, path, views)
SELECT ?1, incoming.path, views
FROM json_each(?3) AS viewed CROSS JOIN incoming
    ON part = ?2 AND day = -1 AND incoming.path = viewed.value
WHERE true
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_DELETE_TOTALS_OF_PAGES = """
DELETE FROM incoming
WHERE part = ? AND day = -1 AND path IN (SELECT value FROM json_each(?))
"""
_ADD_DAYS_OF_PAGE = """
INSERT INTO day_page (day, site, page, views)
SELECT incoming.day, ?1, page.id, incoming.views
FROM day CROSS JOIN incoming
    ON part = ?2 AND incoming.day = day.day AND incoming.path = ?3
JOIN page ON page.site = ?1 AND page.path = ?3
WHERE day.site = ?1
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_DELETE_DAYS_OF_PAGE = """
DELETE FROM incoming
WHERE part = ?2 AND day IN (SELECT day FROM day WHERE site = ?1) AND path = ?3
"""
_DELETE_EMPTY_DAYS_OF_PAGE = """
DELETE FROM day_page
WHERE day IN (SELECT day FROM day WHERE site = ?1) AND site = ?1 AND views <= 0
    AND page = (SELECT id FROM page WHERE site = ?1 AND path = ?2)
"""
_DELETE_STAGED = """
DELETE FROM incoming WHERE (part, day, path) IN (
    SELECT part, day, path FROM incoming WHERE part = ? LIMIT ?
)
"""
_END_RUNS = """
DELETE FROM import_run WHERE id IN (
    SELECT run FROM import_part
    WHERE site IS NULL AND name IN (SELECT value FROM json_each(?))
)
"""
# No run has this number.
_DROP = "UPDATE import_part SET site = NULL, run = 0 "
_IS_INCOMING = """
SELECT count(*) FROM import_part JOIN site ON site.id = import_part.site
WHERE import_part.id = ? AND site.id = ? AND site.name IS NOT NULL
"""
_LEFT = """
SELECT id, site FROM import_part
WHERE run NOT IN (SELECT id FROM import_run WHERE abs(? - last_step) <= ?) LIMIT 1
"""


def part_of(connection: apsw.Connection, site: int | None) -> int | None:
    """Return the part of an import that is still incoming at a site, or None."""
    found: int | None = fetch_one(
        connection, "SELECT id FROM import_part WHERE site = ?", site
    )
    return found


def find_part(site: str, connection: apsw.Connection) -> tuple[int, int] | None:
    """Return the part that is incoming at a site, and the ID of the site, or None."""
    found: tuple[int, int] | None = fetch_one(
        connection,
        "SELECT import_part.id, site.id FROM site "
        "JOIN import_part ON import_part.site = site.id WHERE site.name = ?",
        site,
    )
    return found


def add_totals_of_pages(
    connection: apsw.Connection, site: int, part: int, paths: Iterable[str]
) -> None:
    """Move the incoming totals of some pages into their rows."""
    named = json.dumps(list(paths))
    connection.execute(_ADD_TOTALS_OF_PAGES, (site, part, named))
    connection.execute(_DELETE_TOTALS_OF_PAGES, (part, named))


def settle_page(connection: apsw.Connection, site: str, path: str) -> None:
    """Prepare a change of a page by the owner.

    Its incoming views are moved into its rows. An import that has only staged its
    counts ends, because they may depend on those that change.
    """
    end_runs(connection, [site])
    found = find_part(site, connection)
    if found:
        part, site_id = found
        add_totals_of_pages(connection, site_id, part, [path])
        connection.execute(_ADD_DAYS_OF_PAGE, (site_id, part, path))
        connection.execute(_DELETE_DAYS_OF_PAGE, (site_id, part, path))
        connection.execute(_DELETE_EMPTY_DAYS_OF_PAGE, (site_id, path))


def end_runs(connection: apsw.Connection, sites: Iterable[str]) -> None:
    """End imports that have only staged counts for any of these sites."""
    connection.execute(_END_RUNS, (json.dumps(list(sites)),))


def drop_part(connection: apsw.Connection, site: int) -> None:
    """Let incoming counts of a site that is deleted no longer count."""
    connection.execute(_DROP + "WHERE site = ?", (site,))


def next_step(connection: apsw.Connection) -> Step | None:
    """Return the next step for what an import has left behind, or None."""
    found = fetch_one(connection, _LEFT, time.time(), _RUNNING_S)
    if found is None:
        return None
    part, site = found
    return partial(_remove, part) if site is None else partial(add_some, part, site)


def _remove(part: int, connection: apsw.Connection) -> None:
    """Remove some staged counts of an import that is no longer running."""
    if fetch_one(connection, "SELECT site FROM import_part WHERE id = ?", part):
        # It has gone on since, and its counts have begun to count.
        return
    # If it goes on now, it must fail.
    connection.execute(
        "DELETE FROM import_run WHERE id = (SELECT run FROM import_part WHERE id = ?)",
        (part,),
    )
    connection.execute(_DELETE_STAGED, (part, ROWS_PER_STEP))
    if not connection.changes():
        _delete_part(connection, part)


def add_some(
    part: int, site: int, connection: apsw.Connection, rows: int = ROWS_PER_STEP
) -> bool:
    """Move some incoming counts into the rows. Return whether any may be left."""
    if not fetch_one(connection, _IS_INCOMING, part, site):
        # An earlier version has deleted the site, and does not know of this part.
        connection.execute(_DROP + "WHERE id = ?", (part,))
        return False
    day = fetch_one(connection, "SELECT min(day) FROM incoming WHERE part = ?", part)
    if day is None:
        _delete_part(connection, part)
        return False
    last = fetch_one(
        connection,
        "SELECT max(path) FROM (SELECT path FROM incoming "
        "WHERE part = ? AND day = ? ORDER BY path LIMIT ?)",
        *(part, day, rows),
    )
    values = {"part": part, "site": site, "day": day, "last": last}
    statements = (_ADD_TOTALS,) if day == TOTAL else (_ADD_DAY, _DELETE_EMPTY)
    for statement in (*statements, _DELETE_ADDED):
        connection.execute(statement, values)
    return True


def _delete_part(connection: apsw.Connection, part: int) -> None:
    connection.execute("DELETE FROM import_part WHERE id = ?", (part,))
    connection.execute(
        "DELETE FROM import_run WHERE id NOT IN (SELECT run FROM import_part)"
    )
