"""Import of counts: staged in a temporary table, then added in one transaction."""

from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path

import apsw

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.sqlite.database import (
    Database,
    Value,
    fetch_all,
    fetch_one,
)
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.recording import count_named_sites, set_site
from page_tracker.backends.sqlite.schema import number_of
from page_tracker.counting.model import Count, Limits

_COUNTS_PER_STEP = 1_000

# With the default of 2 MB, SQLite writes each part of the file many times: adding a
# million counts to known pages took four times as long.
_CACHE_KB = 64 * 1024

# Staged totals have this day. No daily count is that old.
_TOTAL = -1

_STAGED = """
CREATE TEMP TABLE staged (
    site TEXT, day INTEGER, path TEXT, views INTEGER, PRIMARY KEY (site, day, path)
) STRICT, WITHOUT ROWID
"""
_STAGE = """
INSERT INTO temp.staged VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_NEW_PAGES = """
SELECT count(DISTINCT path) FROM temp.staged
WHERE site = ? AND path NOT IN (SELECT path FROM page WHERE site = ?)
"""
_REPLACED_PAGES = """
SELECT page.id FROM temp.staged JOIN page ON page.site = :id AND page.path = staged.path
WHERE staged.site = :name AND staged.day = -1
"""
_DELETE_DAYS_OF_REPLACED_PAGES = f"""
DELETE FROM day_page
WHERE day IN (SELECT day FROM day WHERE site = :id) AND site = :id
    AND page IN ({_REPLACED_PAGES})
"""  # nosec B608  # all of it is constant
_CLEAR_REPLACED_PAGES = f"""
UPDATE page SET views = 0 WHERE id IN ({_REPLACED_PAGES})
"""  # nosec B608  # all of it is constant
_ADD_TOTALS = """
INSERT INTO page (site, path, views)
SELECT :id, path, sum(iif(day = -1, views, 0)) FROM temp.staged
WHERE site = :name GROUP BY path
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_ADD_DAYS = """
INSERT INTO day_page (day, site, page, views)
SELECT day, :id, page.id, staged.views
FROM temp.staged JOIN page ON page.site = :id AND page.path = staged.path
WHERE staged.site = :name AND day <> -1
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_SUM_DAYS = """
INSERT INTO day (site, day, views)
SELECT :id, day, (
    SELECT ifnull(sum(views), 0) FROM day_page
    WHERE day_page.day = changed.day AND day_page.site = :id
) FROM (
    SELECT day FROM temp.staged WHERE site = :name AND day <> -1
    UNION SELECT day FROM day WHERE site = :id AND :replace
) AS changed WHERE true
ON CONFLICT DO UPDATE SET views = excluded.views
"""
_SUM_SITE = """
UPDATE site SET (views, pages) = (
    SELECT sum(page.views), count(*) FROM page WHERE page.site = :id
) WHERE id = :id
"""


def add_counts(  # pylint: disable=too-many-arguments  # some are keyword-only
    path: Path, limits: Limits, counts: Iterable[Count], *, name: str, replace: bool
) -> bool:
    """Import counts into the file. Return whether any site has changed.

    Views wait while the staged counts are added. Raises BackendError and its subclass
    LimitReachedError.
    """
    with closing(Database(path)) as database:
        database.use(lambda connection: connection.pragma("cache_size", -_CACHE_KB))
        database.read(lambda connection: connection.execute(_STAGED))
        rows = (
            (each.page.site, _number(each), each.page.path, each.views)
            for each in counts
        )
        while part := list(islice(rows, _COUNTS_PER_STEP)):
            database.read(lambda connection: connection.executemany(_STAGE, part))
        return database.change(
            lambda connection: _Import(connection, limits, name, replace).run()
        )


def _number(count: Count) -> int:
    return _TOTAL if count.day is None else number_of(count.day)


class _Import:
    """The import of all staged counts."""

    def __init__(
        self, connection: apsw.Connection, limits: Limits, name: str, replace: bool
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._name = name
        self._replace = replace

    def run(self) -> bool:
        """Add the staged counts. Return whether any site has changed."""
        staged = fetch_all(self._connection, "SELECT DISTINCT site FROM temp.staged")
        sites = {site: id_of(self._connection, site) for (site,) in staged}
        self._check_number_of_sites(sites)
        changed = [
            (site, site_id)
            for site, site_id in sites.items()
            if self._replace or not self._was_added_to(site_id)
        ]
        for site, site_id in changed:
            self._add_to(site, site_id)
        return bool(changed)

    def _check_number_of_sites(self, sites: dict[str, int | None]) -> None:
        known = count_named_sites(self._connection)
        new = [name for name, site_id in sites.items() if site_id is None and name]
        if new and known + len(new) > self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)

    def _was_added_to(self, site_id: int | None) -> bool:
        return bool(
            fetch_one(
                self._connection,
                "SELECT count(*) FROM import WHERE site = ? AND name = ?",
                *(site_id, self._name),
            )
        )

    def _add_to(self, site: str, site_id: int | None) -> None:
        connection = self._connection
        self._check_number_of_pages(site, site_id)
        if site_id is None:
            site_id = set_site(connection, site, 0, 0)
        values: dict[str, Value] = {
            "id": site_id,
            "name": site,
            "replace": self._replace,
        }
        if self._replace:
            if self._has_days():
                connection.execute(_DELETE_DAYS_OF_REPLACED_PAGES, values)
            connection.execute(_CLEAR_REPLACED_PAGES, values)
        for statement in (_ADD_TOTALS, _ADD_DAYS, _SUM_DAYS, _SUM_SITE):
            connection.execute(statement, values)
        connection.execute(
            "INSERT OR IGNORE INTO import VALUES (?, ?)", (site_id, self._name)
        )

    def _check_number_of_pages(self, site: str, site_id: int | None) -> None:
        connection, limit = self._connection, self._limits.pages_per_site
        known = fetch_one(connection, "SELECT pages FROM site WHERE id = ?", site_id)
        new = fetch_one(connection, _NEW_PAGES, site, site_id)
        if new and (known or 0) + new > limit:
            raise LimitReachedError.of_pages(site, limit)

    def _has_days(self) -> bool:
        return bool(
            fetch_one(
                self._connection,
                "SELECT count(*) FROM (SELECT 1 FROM temp.staged WHERE day <> ? "
                "LIMIT 1)",
                _TOTAL,
            )
        )
