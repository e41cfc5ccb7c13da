"""Counting a batch of views in one transaction."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import apsw

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.sqlite.database import fetch_one
from page_tracker.backends.sqlite.expiry import remove_seen
from page_tracker.backends.sqlite.incoming import add_totals_of_pages
from page_tracker.backends.sqlite.referrers import within_limit
from page_tracker.backends.sqlite.schema import TOTAL, number_of
from page_tracker.counting.model import FRONT_PAGE, Ignored, Limits, Tally, View
from page_tracker.counting.pseudonyms import new_salt, pseudonym

Outcome = Tally | BackendError
"""The tally right after a view, or the error that refuses it."""

LARGEST = 2**63 - 1
"""The largest number of views. SQLite would turn a larger one into an inexact one."""

LARGEST_REACHED = "the views of the site have reached the largest number"
"""The error text for more views than that."""

# Each of these statements handles all pages or visitors of a batch at once. That is
# faster than a statement for each. CROSS JOIN and INDEXED BY keep SQLite from reading
# all pages of a site.

_SITE = """
SELECT site.id, site.views, pages, ifnull(day.views, 0), ifnull(visitors, 0),
    import_part.id
FROM site
LEFT JOIN day ON day.site = site.id AND day = ?
LEFT JOIN import_part ON import_part.site = site.id
WHERE site.name = ?
"""
_PAGES = """
SELECT json_group_array(json_array(page.path, page.id, views))
FROM json_each(?2) AS viewed CROSS JOIN page INDEXED BY page_by_path
    ON site = ?1 AND page.path = viewed.value
"""
_SEEN = """
SELECT json_group_array(json_array(seen.page, seen.pseudonym))
FROM json_each(?1) AS viewed CROSS JOIN seen
    ON page = viewed.value ->> 0 AND pseudonym = viewed.value ->> 1
WHERE until > ?2
"""
_SET_FIRST_DAY = """
UPDATE site SET first_day = min(?1, ifnull(first_day, ?1)) WHERE id = ?2
"""
_SET_PAGES = """
INSERT INTO page (site, path, views)
SELECT ?, value ->> 0, value ->> 1 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET views = excluded.views
"""
_ADD_TO_DAY_PAGES = """
INSERT INTO day_page (day, site, page, views)
SELECT ?1, ?2, page.id, added.value ->> 1
FROM json_each(?3) AS added CROSS JOIN page INDEXED BY page_by_path
    ON site = ?2 AND page.path = added.value ->> 0
WHERE true
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_SET_DAY = """
INSERT INTO day (site, day, views, visitors) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = excluded.views, visitors = excluded.visitors
"""
_ADD_DAY = """
INSERT OR IGNORE INTO day (site, day) VALUES (?, ?)
"""
_ADD_VISITORS = """
INSERT OR IGNORE INTO visitor (day, site, pseudonym)
SELECT ?, ?, value FROM json_each(?)
"""
_ADD_SEEN = """
INSERT OR REPLACE INTO seen (page, pseudonym, until)
SELECT page.id, added.value ->> 1, ?3
FROM json_each(?2) AS added CROSS JOIN page INDEXED BY page_by_path
    ON site = ?1 AND page.path = added.value ->> 0
"""
_ADD_REFERRERS = """
INSERT INTO referrer (site, day, name, views)
SELECT ?1, day.value, added.key, added.value
FROM json_each(?2) AS day CROSS JOIN json_each(?3) AS added
WHERE true
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_ADD_IGNORED = """
INSERT INTO ignored (site, day, reason, views) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""


def record(
    connection: apsw.Connection, views: Sequence[View], limits: Limits
) -> list[Outcome]:
    """Count views in the order of the sequence, and return the outcome of each.

    Raises apsw.Error.
    """
    groups: defaultdict[tuple[str, date], list[View]] = defaultdict(list)
    for view in views:
        groups[view.page.site, view.day].append(view)
    outcomes = {}
    for (site, day), views_of_group in groups.items():
        batch = _Batch(connection, site, day, limits)
        outcomes[site, day] = batch.record(views_of_group)
    return [next(outcomes[view.page.site, view.day]) for view in views]


@dataclass(slots=True)
class _Totals:
    """The totals of a site and of one of its days."""

    site_id: int | None = None
    """None if the site is not stored yet."""

    site_views: int = 0
    site_pages: int = 0
    day_views: int = 0
    day_visitors: int = 0


@dataclass(slots=True)
class _Page:
    """A page of a batch."""

    id: int | None = None
    """None if the page is not stored yet."""

    views: int = 0

    added: int = 0
    """How many views of the batch are counted."""

    visitors: set[int] = field(default_factory=set)
    """The pseudonyms of the visitors of these views."""

    seen_by: set[int] = field(default_factory=set)
    """The pseudonyms of the visitors whose further views are repeats."""


class _Batch:
    """Views of one site and day: loaded, counted in their order, and stored."""

    def __init__(
        self, connection: apsw.Connection, site: str, day: date, limits: Limits
    ) -> None:
        self._connection = connection
        self._site = site
        self._day = number_of(day)
        self._limits = limits
        self._now = time.time()
        self._totals = _Totals()
        self._pages: dict[str, _Page] = {}
        self._ignored: Counter[Ignored] = Counter()
        self._referrers: Counter[str] = Counter()
        # Whether the site has no views yet.
        self._is_first = True

    def record(self, views: Sequence[View]) -> Iterator[Outcome]:
        """Count the views, and return the outcome of each."""
        visitors = self._pseudonyms(views)
        self._load(views, visitors)
        counted = [self._count(view, visitors.get(view.visitor)) for view in views]
        self._store()
        today = self._totals.day_visitors
        return (
            each if isinstance(each, BackendError) else Tally(*each[:2], today, each[2])
            for each in counted
        )

    def _pseudonyms(self, views: Sequence[View]) -> dict[str | None, int]:
        """Return the pseudonym of each visitor."""
        visitors = {view.visitor for view in views if view.visitor is not None}
        if not visitors:
            return {}
        salt = _salt_of(self._connection, self._day, self._now)
        return {
            visitor: int.from_bytes(
                pseudonym(visitor, self._site, salt), "big", signed=True
            )
            for visitor in visitors
        }

    def _load(self, views: Sequence[View], visitors: dict[str | None, int]) -> None:
        self._pages = {view.page.path: _Page() for view in views}
        site = fetch_one(self._connection, _SITE, self._day, self._site)
        if site is None:
            return
        *totals, part = site
        self._totals = _Totals(*totals)
        self._is_first = not self._totals.site_views
        if part is not None:
            add_totals_of_pages(self._connection, totals[0], part, self._pages)
        paths = json.dumps(list(self._pages))
        pages = fetch_one(self._connection, _PAGES, self._totals.site_id, paths)
        for path, page_id, page_views in json.loads(pages):
            self._pages[path] = _Page(page_id, page_views)
        if self._limits.repeats_s and visitors:
            self._load_seen(views, visitors)

    def _load_seen(
        self, views: Sequence[View], visitors: dict[str | None, int]
    ) -> None:
        known = {page.id: page for page in self._pages.values() if page.id is not None}
        viewed = {
            (self._pages[view.page.path].id, visitors[view.visitor])
            for view in views
            if view.visitor is not None
        }
        seen = fetch_one(self._connection, _SEEN, json.dumps(list(viewed)), self._now)
        for page_id, visitor in json.loads(seen):
            known[page_id].seen_by.add(visitor)

    def _count(
        self, view: View, visitor: int | None
    ) -> tuple[int, int, Ignored | None] | BackendError:
        """Count a view. Return the views of its page and site, and why it is ignored.

        If it is refused, return the error.
        """
        totals, page, ignored = self._totals, self._pages[view.page.path], view.ignored
        if ignored is None and visitor in page.seen_by:
            ignored = Ignored.REPEAT
        if ignored is not None:
            self._ignored[ignored] += 1
            return page.views, totals.site_views, ignored
        is_new = page.id is None and not page.added
        if error := self._refusal(is_new):
            return error
        page.views += 1
        page.added += 1
        totals.site_views += 1
        totals.site_pages += is_new
        totals.day_views += 1
        if view.referrer is not None:
            self._referrers[view.referrer] += 1
        if visitor is not None:
            page.visitors.add(visitor)
            if self._limits.repeats_s:
                page.seen_by.add(visitor)
        return page.views, totals.site_views, None

    def _refusal(self, page_is_new: bool) -> BackendError | None:
        totals, limits = self._totals, self._limits
        if totals.site_id is None and not totals.site_views:
            if not may_add_site(self._connection, self._site, limits):
                return LimitReachedError.of_sites(limits.sites)
        if page_is_new and totals.site_pages >= limits.pages_per_site:
            return LimitReachedError.of_pages(self._site, limits.pages_per_site)
        if max(totals.site_views, totals.day_views) >= LARGEST:
            return BackendError(LARGEST_REACHED)
        return None

    def _store(self) -> None:
        connection, day, totals = self._connection, self._day, self._totals
        # Nothing is stored for an unknown site, because anyone can invent one.
        if totals.site_id is None and not totals.site_views:
            return
        site = set_site(connection, self._site, totals.site_views, totals.site_pages)
        if self._ignored:
            # They are removed together with their day.
            connection.execute(_ADD_DAY, (site, day))
        for reason, views in self._ignored.items():
            connection.execute(_ADD_IGNORED, (site, day, reason.value, views))
        added = [(path, page) for path, page in self._pages.items() if page.added]
        if not added:
            return
        if self._is_first:
            connection.execute(_SET_FIRST_DAY, (day, site))
        of_all_time = json.dumps([(path, page.views) for path, page in added])
        of_day = json.dumps([(path, page.added) for path, page in added])
        connection.execute(_SET_PAGES, (site, of_all_time))
        connection.execute(_ADD_TO_DAY_PAGES, (day, site, of_day))
        seen = [(path, visitor) for path, page in added for visitor in page.visitors]
        if seen:
            visitors = json.dumps(list({visitor for _, visitor in seen}))
            connection.execute(_ADD_VISITORS, (day, site, visitors))
            totals.day_visitors += connection.changes()
        if seen and self._limits.repeats_s:
            remove_seen(connection)
            until = self._now + self._limits.repeats_s
            connection.execute(_ADD_SEEN, (site, json.dumps(seen), until))
        connection.execute(_SET_DAY, (site, day, totals.day_views, totals.day_visitors))
        if self._referrers:
            self._add_referrers(site)

    def _add_referrers(self, site: int) -> None:
        added, most = Counter[str](), self._limits.referrers_per_site
        stored = within_limit(self._connection, site, self._referrers, most)
        for name, views in self._referrers.items():
            added[stored[name]] += views
        days = json.dumps([TOTAL, self._day])
        self._connection.execute(_ADD_REFERRERS, (site, days, json.dumps(added)))


def _salt_of(connection: apsw.Connection, day: int, now: float) -> bytes:
    """Return the salt of a day, which is created if it is missing."""
    salt: bytes | None = fetch_one(
        connection, "SELECT salt FROM salt WHERE day = ?", day
    )
    if salt is None:
        salt = new_salt()
        connection.execute("INSERT INTO salt VALUES (?, ?, ?)", (day, salt, now))
    return salt


def may_add_site(connection: apsw.Connection, site: str, limits: Limits) -> bool:
    """Return whether the limit allows this new site."""
    if site == FRONT_PAGE.site:
        return True
    return count_named_sites(connection) < limits.sites


def count_named_sites(connection: apsw.Connection) -> int:
    """Return the number of known sites, without the tracker's own."""
    named: int = fetch_one(connection, "SELECT count(*) FROM site WHERE name <> ''")
    return named


def set_site(connection: apsw.Connection, name: str, views: int, pages: int) -> int:
    """Set the totals of a site, which is added if it is new. Return its ID."""
    site_id: int = fetch_one(
        connection,
        "INSERT INTO site (name, views, pages) VALUES (?, ?, ?) ON CONFLICT (name) "
        "DO UPDATE SET views = excluded.views, pages = excluded.pages RETURNING id",
        *(name, views, pages),
    )
    return site_id
