"""Referrers: how many a site may have, and how an import adds them.

An import adds them in short transactions after its other counts. The file keeps the
last referrer that was added, so the same import again goes on where one has failed.
"""

import json
from collections.abc import Iterable, Mapping
from functools import partial

import apsw

from page_tracker.backends.protocol import ImportEndedError
from page_tracker.backends.referrer_parts import END, Part, parts
from page_tracker.backends.sqlite.database import Database, fetch_one
from page_tracker.backends.sqlite.expiry import last_expired_day
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.schema import TOTAL, number_of
from page_tracker.backends.sqlite.steps import Steps
from page_tracker.counting.model import SiteImport
from page_tracker.counting.referrers import OTHERS

_KNOWN = """
SELECT json_group_array(name) FROM referrer
WHERE site = ?1 AND day = -1 AND name IN (SELECT value FROM json_each(?2))
"""
_COUNT = "SELECT count(*) FROM referrer WHERE site = ? AND day = -1 AND name <> ?"
_LAST_ADDED = "SELECT last FROM import_referrers WHERE site = ? AND name = ?"
_SET_LAST_ADDED = "UPDATE import_referrers SET last = ? WHERE site = ? AND name = ?"
_REMOVE = """
DELETE FROM referrer WHERE site = ?1 AND name IN (SELECT value FROM json_each(?2))
    AND day IN (SELECT -1 UNION ALL SELECT day FROM day WHERE site = ?1)
"""
_ADD = """
INSERT INTO referrer (site, day, name, views) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
# They are removed together with their day.
_ADD_DAYS = """
INSERT OR IGNORE INTO day (site, day) SELECT ?, value FROM json_each(?)
"""


def within_limit(
    connection: apsw.Connection, site: int, names: Iterable[str], most: int
) -> dict[str, str]:
    """Return the name under which each referrer of a site is counted.

    Those beyond the limit share one. Raises apsw.Error.
    """
    stored = {name: name for name in names}
    text = json.dumps(list(stored))
    known = set(json.loads(fetch_one(connection, _KNOWN, site, text)))
    if len(known) < len(stored):
        room = most - fetch_one(connection, _COUNT, site, OTHERS)
        for name in stored:
            if name not in known and name != OTHERS:
                stored[name] = name if room > 0 else OTHERS
                room -= 1
    return stored


def import_referrers(
    database: Database, sites: Mapping[str, SiteImport], most: int, *, replace: bool
) -> set[str]:
    """Add the referrers that imports of sites still lack, and return these sites.

    A site has at most so many of them. Raises BackendError.
    """
    changed, steps = set[str](), Steps(database)
    for site, added in sites.items():
        after = database.read(partial(_last_added, site, added.name))
        if after is not None and after != END:
            changed.add(site)
            database.use(steps.prepare)
            for part in parts(added, after, replace=replace):
                # The end brings all to the disk.
                steps.wait_for_disk(part.last == END)
                steps.take(partial(_add, site, added.name, part, most, replace))
    return changed


def _last_added(site: str, name: str, connection: apsw.Connection) -> str | None:
    """Return the last referrer of an import that was added; None if it has none."""
    last: str | None = fetch_one(connection, _LAST_ADDED, id_of(connection, site), name)
    return last


def _add(  # pylint: disable=too-many-arguments,too-many-positional-arguments
    site: str,
    name: str,
    part: Part,
    most: int,
    replace: bool,
    connection: apsw.Connection,
) -> None:
    site_id = id_of(connection, site)
    if site_id is None or _last_added(site, name, connection) != part.after:
        raise ImportEndedError(site)
    stored = within_limit(connection, site_id, part.counts, most)
    if replace:
        connection.execute(_REMOVE, (site_id, json.dumps(list(part.counts))))
    expired = last_expired_day()
    rows = [
        (site_id, TOTAL if day is None else number_of(day), stored[referrer], views)
        for referrer, counts in part.counts.items()
        for day, views in counts.items()
    ]
    rows = [row for row in rows if row[1] > expired or row[1] == TOTAL]
    days = {day for _, day, *_ in rows} - {TOTAL}
    connection.execute(_ADD_DAYS, (site_id, json.dumps(list(days))))
    connection.executemany(_ADD, rows)
    connection.execute(_SET_LAST_ADDED, (part.last, site_id, name))
