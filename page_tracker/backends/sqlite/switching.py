"""The switch of an import: all staged counts begin to count in one transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import apsw

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.referrer_parts import BEGIN
from page_tracker.backends.sqlite.database import fetch_one
from page_tracker.backends.sqlite.expiry import last_expired_day
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.recording import (
    LARGEST,
    LARGEST_REACHED,
    count_named_sites,
)
from page_tracker.backends.sqlite.schema import TOTAL, number_of
from page_tracker.counting.model import Limits, SiteImport

_KNOWN = """
SELECT count(*), ifnull(max(page.views > ?3 - max(incoming.views, 0)), 0)
FROM incoming CROSS JOIN page INDEXED BY page_by_path
    ON site = ?1 AND page.path = incoming.path
WHERE part = ?2 AND day = -1
"""
# An index would make SQLite read all pages of the site.
_CREATED = """
SELECT count(*), count(incoming.path) FROM page NOT INDEXED
LEFT JOIN incoming ON part = ?2 AND day = -1 AND incoming.path = page.path
WHERE page.id > ?3 AND page.site = ?1
"""
_ADD_SITE = """
INSERT INTO site (name, views, pages, first_day) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET views = views + ?2, pages = pages + ?3,
    first_day = min(ifnull(first_day, ?4), ifnull(?4, first_day))
RETURNING id
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
class Part:
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


class Switch:
    """The change of the totals of sites and days."""

    def __init__(self, parts: Sequence[Part], limits: Limits, replace: bool) -> None:
        self._parts = parts
        self._limits = limits
        self._replace = replace
        # The page that was created last when the known pages were counted.
        self._last_page = 0

    def prepare(self, connection: apsw.Connection) -> None:
        """Count the pages that are known, all at the same moment.

        Raises BackendError and apsw.Error.
        """
        self._last_page = fetch_one(connection, "SELECT ifnull(max(id), 0) FROM page")
        for part in self._parts:
            site = id_of(connection, part.site)
            part.site_pages = count_pages(part.site, connection)
            part.known, too_many = fetch_one(connection, _KNOWN, site, part.id, LARGEST)
            if too_many:
                raise BackendError(LARGEST_REACHED)

    def make(self, connection: apsw.Connection) -> bool:
        """Let all staged counts count.

        Return False, and change nothing, if it is unclear how many pages are new. Call
        prepare() again then. Raises LimitReachedError and apsw.Error.
        """
        check_sites(connection, [part.site for part in self._parts], self._limits)
        counted = [(part, self._count_new(connection, part)) for part in self._parts]
        new = [(part, pages) for part, pages in counted if pages is not None]
        if len(new) < len(counted):
            return False
        for part, pages in new:
            self._add(connection, part, pages)
        return True

    def _count_new(self, connection: apsw.Connection, part: Part) -> int | None:
        """Return how many pages are new to the site.

        Views may have created some since the known ones were counted. If these cannot
        all be found, return None.
        """
        site, most = id_of(connection, part.site), self._limits.pages_per_site
        values = site, part.id, self._last_page
        created, of_import = fetch_one(connection, _CREATED, *values)
        pages = count_pages(part.site, connection)
        if pages != part.site_pages + created:
            return None
        new: int = part.pages - part.known - of_import
        if new > 0 and pages + new > most:
            raise LimitReachedError.of_pages(part.site, most)
        return new

    def _add(self, connection: apsw.Connection, part: Part, new: int) -> None:
        views, day = part.sums.pop(TOTAL, 0), part.added.first_day
        first = number_of(day) if day else None
        site = fetch_one(connection, _ADD_SITE, part.site, views, new, first)
        expired = last_expired_day()
        connection.executemany(
            _ADD_DAY,
            [(site, day, n) for day, n in sorted(part.sums.items()) if day > expired],
        )
        self._add_facts(connection, site, part.added)
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
        key = (site, added.name)
        connection.execute("INSERT OR IGNORE INTO import VALUES (?, ?)", key)
        connection.execute("DELETE FROM import_days WHERE (site, name) = (?, ?)", key)
        if added.days:
            connection.execute(
                "INSERT INTO import_days VALUES (?, ?, ?, ?)",
                (*key, *map(number_of, added.days)),
            )
        if added.referrers:
            connection.execute(
                "INSERT OR REPLACE INTO import_referrers VALUES (?, ?, ?)",
                (*key, BEGIN),
            )


def check_sites(
    connection: apsw.Connection, sites: Iterable[str], limits: Limits
) -> None:
    """Raise LimitReachedError unless the limit allows these sites."""
    new = [site for site in sites if site and id_of(connection, site) is None]
    if new and count_named_sites(connection) + len(new) > limits.sites:
        raise LimitReachedError.of_sites(limits.sites)


def count_pages(site: str, connection: apsw.Connection) -> int:
    """Return how many pages a site has."""
    pages: int = fetch_one(
        connection, "SELECT ifnull(sum(pages), 0) FROM site WHERE name = ?", site
    )
    return pages
