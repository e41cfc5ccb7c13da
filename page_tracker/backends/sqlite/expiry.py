"""Removal of what is no longer needed, in steps that let views be counted in between.

Removed are salts, pseudonyms and the results of changes after 48 hours, daily counts
after the retention, the rows of deleted sites, and what killed imports have left
behind.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import partial

import apsw

from page_tracker.backends.sqlite import incoming
from page_tracker.backends.sqlite.database import Database, fetch_one
from page_tracker.backends.sqlite.incoming import ROWS_PER_STEP, Step
from page_tracker.backends.sqlite.schema import number_of
from page_tracker.counting.model import RETENTION_DAYS

EVERY_S = 600.0
"""How often to look for what has expired, in seconds."""

# An hour less than is promised, because it takes some time to notice.
_SALT_S = 47 * 3600
_CHANGES_S = 48 * 3600
_VISITORS = """
DELETE FROM visitor WHERE (day, site, pseudonym) IN (
    SELECT day, site, pseudonym FROM visitor
    WHERE day = ?1 AND (?2 IS NULL OR site = ?2) LIMIT ?3
)
"""
_PAGES_OF_DAY = """
DELETE FROM day_page WHERE (day, site, page) IN (
    SELECT day, site, page FROM day_page WHERE day = ? AND site = ? LIMIT ?
)
"""
_SEEN = """
DELETE FROM seen WHERE (page, pseudonym) IN (
    SELECT page, pseudonym FROM seen WHERE until <= ? LIMIT ?
)
"""


def remove_expired(database: Database) -> None:
    """Remove what has expired now. Raises BackendError."""
    while (step := database.read(_next_step)) is not None:
        database.change(step)
    # It may still contain removed salts.
    database.empty_log()


def _next_step(connection: apsw.Connection) -> Step | None:
    """Return the next step, or None if nothing has expired."""
    now = time.time()
    if fetch_one(
        connection, "SELECT count(*) FROM salt WHERE abs(? - created) > ?", now, _SALT_S
    ):
        return _remove_salts
    day = fetch_one(connection, "SELECT min(day) FROM visitor")
    if day is not None and not fetch_one(
        connection, "SELECT day FROM salt WHERE day = ?", day
    ):
        return partial(_remove, _VISITORS, day, None)
    if fetch_one(connection, "SELECT min(until) <= ? FROM seen", now):
        return remove_seen
    if fetch_one(connection, "SELECT min(made) < ? FROM change", now - _CHANGES_S):
        return _remove_changes
    return _next_step_for_counts(connection)


def _next_step_for_counts(connection: apsw.Connection) -> Step | None:
    """Return the next step for counts that are no longer needed, or None."""
    found = fetch_one(
        connection,
        "SELECT site, day FROM day WHERE day <= ? "
        "OR site IN (SELECT id FROM site WHERE name IS NULL) LIMIT 1",
        last_expired_day(),
    )
    if found:
        return partial(_remove_day, *found)
    deleted = fetch_one(connection, "SELECT min(id) FROM site WHERE name IS NULL")
    if deleted is not None:
        return partial(_remove_deleted_site, deleted)
    return incoming.next_step(connection)


def _remove_salts(connection: apsw.Connection) -> None:
    connection.execute(
        # A salt from the future was created while the clock was wrong.
        "DELETE FROM salt WHERE abs(? - created) > ?",
        (time.time(), _SALT_S),
    )


def _remove_changes(connection: apsw.Connection) -> None:
    connection.execute(
        "DELETE FROM change WHERE name IN "
        "(SELECT name FROM change WHERE made < ? ORDER BY made LIMIT ?)",
        (time.time() - _CHANGES_S, ROWS_PER_STEP),
    )


def remove_seen(connection: apsw.Connection) -> None:
    """Remove some of the visitors whose further views are no repeats any more."""
    connection.execute(_SEEN, (time.time(), ROWS_PER_STEP))


def last_expired_day() -> int:
    """Return the number of the last day whose counts are removed."""
    # Another time zone may still have yesterday's date.
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return number_of(yesterday - timedelta(days=RETENTION_DAYS))


def _remove_day(site: int, day: int, connection: apsw.Connection) -> None:
    """Remove a part of a day of a site."""
    if _remove(_VISITORS, day, site, connection):
        return
    if _remove(_PAGES_OF_DAY, day, site, connection):
        return
    connection.execute("DELETE FROM ignored WHERE site = ? AND day = ?", (site, day))
    connection.execute("DELETE FROM day WHERE site = ? AND day = ?", (site, day))


def _remove(
    statement: str, day: int, site: int | None, connection: apsw.Connection
) -> int:
    """Remove some rows of a day, and return their number."""
    connection.execute(statement, (day, site, ROWS_PER_STEP))
    return connection.changes()


def _remove_deleted_site(site: int, connection: apsw.Connection) -> None:
    """Remove a part of a deleted site, whose days have been removed."""
    pages = connection.execute(
        "DELETE FROM page WHERE id IN (SELECT id FROM page WHERE site = ? LIMIT ?) "
        "RETURNING id",
        (site, ROWS_PER_STEP),
    ).fetchall()
    connection.executemany("DELETE FROM seen WHERE page = ?", pages)
    if not pages:
        connection.execute("DELETE FROM ignored WHERE site = ?", (site,))
        connection.execute("DELETE FROM import WHERE site = ?", (site,))
        connection.execute("DELETE FROM import_days WHERE site = ?", (site,))
        connection.execute("DELETE FROM site WHERE id = ?", (site,))
