"""Import of counts while views are counted: staged, switched on, and moved to pages.

See incoming.py. Each step waits for its turn to write, and then leaves some time to
views.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, TypeVar

import apsw

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.sqlite import incoming
from page_tracker.backends.sqlite.database import Database, fetch_one
from page_tracker.backends.sqlite.expiry import last_expired_day
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.referrers import import_referrers
from page_tracker.backends.sqlite.schema import TOTAL, number_of
from page_tracker.backends.sqlite.steps import Steps
from page_tracker.backends.sqlite.switching import (
    Part,
    Switch,
    check_sites,
    count_pages,
)
from page_tracker.counting.model import Count, Limits, SiteImport

R = TypeVar("R")

_ROWS_AT_ONCE = 1_000
_ENDED = (
    "this import was ended by another import or a change of these sites, or it stood "
    "still; nothing was imported; run it again"
)

_STAGE = """
INSERT INTO incoming (part, day, path, views) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_KNOWN_OF_PATHS = """
SELECT count(*) FROM site CROSS JOIN json_each(?2) AS added
CROSS JOIN page INDEXED BY page_by_path
    ON page.site = site.id AND page.path = added.value
WHERE site.name = ?1
"""
# The stored counts of the staged pages from one path to another.
_STORED = """
WITH known AS (
    SELECT page.id, page.path, page.views
    FROM incoming CROSS JOIN page INDEXED BY page_by_path
        ON page.site = :site AND page.path = incoming.path
    WHERE part = :part AND day = -1
        AND incoming.path > :after AND incoming.path <= :last
)
SELECT -1, path, views FROM known
UNION ALL
SELECT day.day, path, day_page.views
FROM known CROSS JOIN day ON day.site = :site AND day.day > :expired
CROSS JOIN day_page
    ON day_page.day = day.day AND day_page.site = :site AND day_page.page = known.id
WHERE :daily
"""


def import_counts(
    path: Path, limits: Limits, sites: Mapping[str, SiteImport], *, replace: bool
) -> set[str]:
    """Import counts into the file, and return the names of the sites that change.

    Raises BackendError and its subclass LimitReachedError.
    """
    with closing(Database(path)) as database:
        changed = dict(sites)
        if not replace:
            changed = database.read(lambda connection: _new(connection, sites))
        if changed:
            _Import(database, limits, changed, replace).run()
        most = limits.referrers_per_site
        return set(changed) | import_referrers(database, sites, most, replace=replace)


def _new(
    connection: apsw.Connection, sites: Mapping[str, SiteImport]
) -> dict[str, SiteImport]:
    """Return the imports that their sites have not taken in."""
    return {
        site: added
        for site, added in sites.items()
        if not fetch_one(
            connection,
            "SELECT count(*) FROM import WHERE site = ? AND name = ?",
            *(id_of(connection, site), added.name),
        )
    }


class _Import:
    """The import of some sites, which all change at the same time."""

    def __init__(
        self,
        database: Database,
        limits: Limits,
        sites: Mapping[str, SiteImport],
        replace: bool,
    ) -> None:
        self._database = database
        self._limits = limits
        self._sites = sites
        self._replace = replace
        self._steps = Steps(database)
        self._run = 0
        self._parts: list[Part] = []

    def run(self) -> None:
        """Import the counts. If this fails, it leaves nothing behind."""
        self._database.use(self._steps.prepare)
        self._steps.wait_for_disk(False)
        # Otherwise, their pages would not be known.
        self._remove_left_parts()
        self._check_limits()
        self._steps.take(self._begin)
        try:
            self._remove_left_parts()
            for part in self._parts:
                self._stage(part)
                if self._replace:
                    self._subtract_stored(part)
            switch = Switch(self._parts, self._limits, self._replace)
            self._steps.wait_for_disk(True)
            self._database.read(switch.prepare)
            while not self._step(switch.make):
                self._database.read(switch.prepare)
        except BaseException:
            with suppress(BackendError):
                self._steps.take(self._end)
                self._remove_left_parts()
            raise
        # From here on, the counts are imported. Housekeeping moves those that this
        # cannot move.
        with suppress(BackendError):
            self._move()

    def _check_limits(self) -> None:
        """Raise LimitReachedError unless the limits allow the import."""
        self._database.read(
            lambda connection: check_sites(connection, self._sites, self._limits)
        )
        for site, added in self._sites.items():
            pages = self._database.read(partial(count_pages, site))
            most = self._limits.pages_per_site
            if pages + added.pages <= most:
                continue
            new = added.pages - self._count_known(site, added)
            if new > 0 and pages + new > most:
                raise LimitReachedError.of_pages(site, most)

    def _count_known(self, site: str, added: SiteImport) -> int:
        """Return how many of the pages of an import are known."""
        totals = takewhile(lambda count: count.day is None, added.counts)
        paths, known = (count.page.path for count in totals), 0
        while some := list(islice(paths, _ROWS_AT_ONCE)):
            values = site, json.dumps(some)
            known += self._database.read(
                lambda connection: fetch_one(connection, _KNOWN_OF_PATHS, *values)
            )
        return known

    def _begin(self, connection: apsw.Connection) -> None:
        if not self._replace and len(_new(connection, self._sites)) < len(self._sites):
            raise BackendError(_ENDED)
        incoming.end_runs(connection, self._sites)
        self._run = fetch_one(
            connection,
            "INSERT INTO import_run (last_step) VALUES (?) RETURNING id",
            time.time(),
        )
        for site, added in self._sites.items():
            part = fetch_one(
                connection,
                "INSERT INTO import_part (run, name) VALUES (?, ?) RETURNING id",
                *(self._run, site),
            )
            self._parts.append(Part(part, site, added))

    def _end(self, connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM import_run WHERE id = ?", (self._run,))

    def _step(self, change: Callable[[apsw.Connection], R]) -> R:
        """Make a change, unless this import has been ended."""

        def step(connection: apsw.Connection) -> R:
            connection.execute(
                "UPDATE import_run SET last_step = ? WHERE id = ?",
                (time.time(), self._run),
            )
            if not connection.changes():
                raise BackendError(_ENDED)
            return change(connection)

        return self._steps.take(step)

    def _remove_left_parts(self) -> None:
        """Finish what killed imports have left behind, and an import of these sites."""
        while step := self._database.read(incoming.next_step):
            self._steps.take(step)
        for site in self._sites:
            while found := self._database.read(partial(incoming.find_part, site)):
                self._steps.take(partial(incoming.add_some, *found))

    def _stage(self, part: Part) -> None:
        counts = iter(part.added.counts)
        while some := list(islice(counts, self._steps.rows)):
            rows = [
                (part.id, _number(each), each.page.path, each.views) for each in some
            ]
            self._step(lambda connection: connection.executemany(_STAGE, rows))
            for _, day, _, views in rows:
                part.sums[day] += views
            part.pages += sum(day == TOTAL for _, day, _, _ in rows)

    def _subtract_stored(self, part: Part) -> None:
        """Turn the staged counts into the differences from the stored ones."""
        after: str | None = ""
        while after is not None:
            after = self._step(partial(self._subtract_some, part, after))

    def _subtract_some(
        self, part: Part, after: str, connection: apsw.Connection
    ) -> str | None:
        """Subtract the stored counts of some pages. Return the last path, or None."""
        site = id_of(connection, part.site)
        days = fetch_one(connection, "SELECT count(*) FROM day WHERE site = ?", site)
        last: str | None = fetch_one(
            connection,
            "SELECT max(path) FROM (SELECT path FROM incoming WHERE part = ? "
            "AND day = -1 AND path > ? ORDER BY path LIMIT ?)",
            *(part.id, after, 1 + _ROWS_AT_ONCE // (1 + days * part.added.daily)),
        )
        values = {
            "site": site,
            "part": part.id,
            "after": after,
            "last": last,
            "daily": part.added.daily,
            "expired": last_expired_day(),
        }
        rows: Any = connection.execute(_STORED, values).fetchall()
        connection.executemany(
            _STAGE, ((part.id, day, path, -views) for day, path, views in rows)
        )
        for day, _, views in rows:
            part.sums[day] -= views
        return last

    def _move(self) -> None:
        """Move the counts into the rows of pages and days."""
        try:
            self._steps.wait_for_disk(False)
            for part in self._parts:
                while found := self._database.read(
                    partial(incoming.find_part, part.site)
                ):
                    self._step(
                        partial(incoming.add_some, *found, rows=self._steps.rows)
                    )
        finally:
            # Otherwise, housekeeping would wait for this import.
            self._steps.take(self._end)


def _number(count: Count) -> int:
    return TOTAL if count.day is None else number_of(count.day)
