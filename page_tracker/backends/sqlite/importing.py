"""Import of counts while views are counted: staged, switched on, and moved to pages.

See incoming.py. Each step waits for its turn to write, and then leaves some time to
views.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import TypeVar

import apsw

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.sqlite import incoming
from page_tracker.backends.sqlite.database import Database, fetch_all, fetch_one
from page_tracker.backends.sqlite.expiry import last_expired_day
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.recording import (
    LARGEST,
    LARGEST_REACHED,
    count_named_sites,
)
from page_tracker.backends.sqlite.schema import TOTAL, number_of
from page_tracker.counting.model import Count, Limits, SiteImport

R = TypeVar("R")

_ROWS_AT_ONCE = 1_000

# With the default of 2 MB, SQLite writes each part of the file many times.
_CACHE_KB = 64 * 1024

_STAGE = """
INSERT INTO incoming (part, day, path, views) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_KNOWN_OF_PATHS = """
SELECT count(*) FROM json_each(?2) AS added CROSS JOIN page INDEXED BY page_by_path
    ON site = ?1 AND page.path = added.value
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
_KNOWN = """
SELECT count(*), ifnull(max(page.views > ?3 - max(incoming.views, 0)), 0)
FROM incoming CROSS JOIN page INDEXED BY page_by_path
    ON site = ?1 AND page.path = incoming.path
WHERE part = ?2 AND day = -1
"""
_CREATED = """
SELECT count(*), count(incoming.path) FROM page
LEFT JOIN incoming ON part = ?2 AND day = -1 AND incoming.path = page.path
WHERE page.id > ?3 AND page.site = ?1
"""
_ADD_SITE = """
INSERT INTO site (name, views, pages, first_day) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET views = views + ?2, pages = pages + ?3,
    first_day = min(ifnull(first_day, ?4), ifnull(?4, first_day))
RETURNING id, views
"""
_ADD_DAY = """
INSERT INTO day (site, day, views) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_ADD_VISITORS = """
INSERT INTO day (site, day, visitors) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET visitors = iif(?4, 0, visitors) + ?3
"""
_ADD_IGNORED = """
INSERT INTO ignored (site, day, reason, views) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET views = iif(?5, 0, views) + ?4
"""


@dataclass(slots=True)
class _Part:
    """The part of an import for one site."""

    id: int
    site: str
    added: SiteImport
    sums: Counter[int] = field(default_factory=Counter)
    """By how much the views of the site change, in total and on each day."""

    pages: int = 0
    """How many totals are staged."""

    known: int = 0
    """How many of these pages the site had when they were last counted."""

    site_pages: int = 0
    """How many pages the site had at that moment."""


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
            database.read(lambda connection: _check_sites(connection, changed, limits))
            for site, added in changed.items():
                _check_pages(database, site, added, limits)
            _Import(database, limits, changed, replace).run()
        return set(changed)


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


def _check_sites(
    connection: apsw.Connection, sites: Mapping[str, SiteImport], limits: Limits
) -> None:
    """Raise LimitReachedError unless the limit allows these sites."""
    new = [site for site in sites if site and id_of(connection, site) is None]
    if new and count_named_sites(connection) + len(new) > limits.sites:
        raise LimitReachedError.of_sites(limits.sites)


def _check_pages(
    database: Database, site: str, added: SiteImport, limits: Limits
) -> None:
    """Raise LimitReachedError unless the limit allows the pages of an import."""
    found = database.read(
        lambda connection: fetch_one(
            connection, "SELECT id, pages FROM site WHERE name = ?", site
        )
    )
    site_id, pages = found or (None, 0)
    new, most = added.pages, limits.pages_per_site
    if pages + new <= most:
        return
    totals = takewhile(lambda count: count.day is None, added.counts)
    paths = (count.page.path for count in totals)
    while some := list(islice(paths, _ROWS_AT_ONCE)):
        values = site_id, json.dumps(some)
        new -= database.read(
            lambda connection: fetch_one(connection, _KNOWN_OF_PATHS, *values)
        )
    if new > 0 and pages + new > most:
        raise LimitReachedError.of_pages(site, most)


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
        self._steps = _Steps(database)
        self._run = 0
        self._parts: list[_Part] = []
        # The page that was created last when the known pages were counted.
        self._last_page = 0

    def run(self) -> None:
        """Import the counts. If this fails, it leaves nothing behind."""
        self._database.use(self._steps.prepare)
        self._steps.take(self._begin)
        try:
            self._remove_left_parts()
            for part in self._parts:
                self._stage(part)
                if self._replace:
                    self._subtract_stored(part)
            switched = False
            while not switched:
                self._database.read(self._count_known)
                switched = self._step(self._switch)
        except BaseException:
            with suppress(BackendError):
                self._steps.take(self._end)
                self._remove_left_parts()
            raise
        # From here on, the counts are imported. Housekeeping moves those that this
        # cannot move.
        with suppress(BackendError):
            self._move()

    def _begin(self, connection: apsw.Connection) -> None:
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
            self._parts.append(_Part(part, site, added))

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
                raise BackendError(
                    "another import, or a change to a page or site, has ended this "
                    "import, and it has imported nothing; run it again"
                )
            return change(connection)

        return self._steps.take(step)

    def _remove_left_parts(self) -> None:
        """Finish what killed imports have left behind, and an import of these sites."""
        while step := self._database.read(incoming.next_step):
            self._steps.take(step)
        for site in self._sites:
            while found := self._database.read(partial(_find_part, site)):
                self._steps.take(partial(incoming.add_some, *found))

    def _stage(self, part: _Part) -> None:
        counts = iter(part.added.counts)
        while some := list(islice(counts, self._steps.rows)):
            rows = [(part.id, _number(each), each.page.path, each.views) for each in some]
            self._step(lambda connection: connection.executemany(_STAGE, rows))
            for _, day, _, views in rows:
                part.sums[day] += views
            part.pages += sum(day == TOTAL for _, day, _, _ in rows)

    def _subtract_stored(self, part: _Part) -> None:
        """Turn the staged counts into the differences from the stored ones."""
        after: str | None = ""
        while after is not None:
            after = self._step(partial(self._subtract_some, part, after))

    def _subtract_some(
        self, part: _Part, after: str, connection: apsw.Connection
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
        rows = connection.execute(_STORED, values).fetchall()
        connection.executemany(
            _STAGE, ((part.id, day, path, -views) for day, path, views in rows)
        )
        for day, _, views in rows:
            part.sums[day] -= views
        return last

    def _count_known(self, connection: apsw.Connection) -> None:
        """Count the pages that are known, all at the same moment."""
        self._last_page = fetch_one(connection, "SELECT ifnull(max(id), 0) FROM page")
        for part in self._parts:
            site = id_of(connection, part.site)
            part.site_pages = _count_pages(connection, site)
            part.known, too_many = fetch_one(
                connection, _KNOWN, site, part.id, LARGEST
            )
            if too_many:
                raise BackendError(LARGEST_REACHED)

    def _switch(self, connection: apsw.Connection) -> bool:
        """Let all staged counts count.

        Return False, and change nothing, if it is unclear how many pages are new.
        """
        _check_sites(connection, self._sites, self._limits)
        new = {part.site: self._count_new(connection, part) for part in self._parts}
        if None in new.values():
            return False
        for part in self._parts:
            self._switch_part(connection, part, new[part.site] or 0)
        return True

    def _count_new(self, connection: apsw.Connection, part: _Part) -> int | None:
        """Return how many pages are new to the site.

        Views may have created some since the known ones were counted. If these cannot
        all be found, return None.
        """
        site, most = id_of(connection, part.site), self._limits.pages_per_site
        created, of_import = fetch_one(
            connection, _CREATED, site, part.id, self._last_page
        )
        pages = _count_pages(connection, site)
        if pages != part.site_pages + created:
            return None
        new = part.pages - part.known - of_import
        if new > 0 and pages + new > most:
            raise LimitReachedError.of_pages(part.site, most)
        return new

    def _switch_part(self, connection: apsw.Connection, part: _Part, new: int) -> None:
        added, first = part.added, part.added.first_day
        site, views = fetch_one(
            connection,
            _ADD_SITE,
            *(part.site, part.sums.pop(TOTAL, 0), new, first and number_of(first)),
        )
        expired = last_expired_day()
        connection.executemany(
            _ADD_DAY,
            [(site, day, n) for day, n in sorted(part.sums.items()) if day > expired],
        )
        self._add_facts(connection, site, added)
        most = fetch_one(connection, "SELECT max(views) FROM day WHERE site = ?", site)
        # A larger number would be inexact.
        if not all(isinstance(each, int) for each in (views, most or 0)):
            raise BackendError(LARGEST_REACHED)
        connection.execute(
            "UPDATE import_part SET site = ? WHERE id = ?", (site, part.id)
        )

    def _add_facts(
        self, connection: apsw.Connection, site: int, added: SiteImport
    ) -> None:
        """Add visitors, ignored views, and the name of an import."""
        replace = self._replace
        connection.executemany(
            _ADD_VISITORS,
            [
                (site, number_of(day), number, replace)
                for day, number in added.visitors.items()
            ],
        )
        ignored = [
            (site, number_of(day), reason.value, views, replace)
            for (day, reason), views in added.ignored.items()
        ]
        connection.executemany(_ADD_IGNORED, ignored)
        # They are removed together with their day.
        connection.executemany(
            "INSERT OR IGNORE INTO day (site, day) VALUES (?, ?)",
            [row[:2] for row in ignored],
        )
        connection.execute(
            "INSERT OR IGNORE INTO import VALUES (?, ?)", (site, added.name)
        )
        if added.days:
            connection.execute(
                "INSERT OR REPLACE INTO import_days VALUES (?, ?, ?, ?)",
                (site, added.name, *map(number_of, added.days)),
            )

    def _move(self) -> None:
        """Move the counts into the rows of pages and days."""
        try:
            for part in self._parts:
                while found := self._database.read(partial(_find_part, part.site)):
                    self._step(partial(incoming.add_some, *found, rows=self._steps.rows))
        finally:
            # Otherwise, housekeeping would wait for this import.
            self._steps.take(self._end)


def _number(count: Count) -> int:
    return TOTAL if count.day is None else number_of(count.day)


def _count_pages(connection: apsw.Connection, site: int | None) -> int:
    pages: int | None = fetch_one(
        connection, "SELECT pages FROM site WHERE id = ?", site
    )
    return pages or 0


def _find_part(site: str, connection: apsw.Connection) -> tuple[int, int] | None:
    """Return the part that is incoming at a site, and the ID of the site, or None."""
    found: tuple[int, int] | None = fetch_one(
        connection,
        "SELECT import_part.id, site.id FROM site "
        "JOIN import_part ON import_part.site = site.id WHERE site.name = ?",
        site,
    )
    return found


class _Steps:
    """Changes in short transactions, with pauses in which views are counted."""

    _TARGET_S = 0.008
    _FEWEST_ROWS, _MOST_ROWS = 250, 4_000
    _LONGEST_PAUSE_S = 0.1
    # In parts of 4 KB. Moving so much of the log takes a few milliseconds. Views need
    # not do it as long as the log is shorter than 1 000 of these.
    _LOG_TO_MOVE = 500
    # If other processes always write at the same time, the log does not begin again by
    # itself.
    _LOG_TO_EMPTY = 8_000

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log_pages = 0
        self.rows = 1_000
        """How many rows the next step should have."""

    def prepare(self, connection: apsw.Connection) -> None:
        """Prepare the connection."""
        connection.pragma("cache_size", -_CACHE_KB)
        # This replaces the checkpoint that SQLite would make while views wait.
        connection.set_wal_hook(self._committed)

    def take(self, change: Callable[[apsw.Connection], R]) -> R:
        """Make a change, and return its result. Raises BackendError."""
        begun = time.monotonic()

        def timed(connection: apsw.Connection) -> R:
            nonlocal begun
            # The wait for the lock is over.
            begun = time.monotonic()
            return change(connection)

        result = self._database.change(timed)
        took = time.monotonic() - begun
        fitting = round(self.rows * self._TARGET_S / took)
        self.rows = min(
            max(fitting, self.rows // 2, self._FEWEST_ROWS),
            *(self.rows + self.rows // 4, self._MOST_ROWS),
        )
        if self._log_pages >= self._LOG_TO_EMPTY:
            self._database.empty_log()
        elif self._log_pages >= self._LOG_TO_MOVE:
            self._database.move_log()
        time.sleep(min(took, self._LONGEST_PAUSE_S))
        return result

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK
