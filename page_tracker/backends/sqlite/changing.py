"""Changes that the owner of a site makes."""

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import apsw

from page_tracker.backends.protocol import (
    BackendError,
    LimitReachedError,
    TooFewViewsError,
)
from page_tracker.backends.sqlite.database import fetch_one
from page_tracker.backends.sqlite.incoming import drop_part, end_runs, settle_page
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.recording import (
    LARGEST,
    LARGEST_REACHED,
    may_add_site,
    set_site,
)
from page_tracker.backends.sqlite.schema import number_of
from page_tracker.counting.model import Limits, Page

_SUBTRACT_FROM_DAYS = """
UPDATE day SET views = day.views - day_page.views FROM day_page
WHERE day.site = ?1 AND day_page.site = ?1 AND day_page.day = day.day AND page = ?2
"""
_DELETE_DAYS = """
DELETE FROM day_page
WHERE day IN (SELECT day FROM day WHERE site = ?1) AND site = ?1 AND page = ?2
"""
_PAGE_AND_SITE = """
SELECT ifnull(page.views, 0), site.views,
    ifnull(day_page.views, 0), ifnull(day.views, 0)
FROM site
LEFT JOIN page ON page.site = site.id AND path = ?2
LEFT JOIN day ON day.site = site.id AND day.day = ?3
LEFT JOIN day_page ON day_page.day = ?3 AND day_page.site = site.id
    AND page = page.id
WHERE name = ?1
"""
_ADD_TO_DAY = """
INSERT INTO day (site, day, views) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_ADD_TO_DAY_OF_PAGE = """
INSERT INTO day_page (day, site, page, views)
SELECT ?2, ?1, id, ?3 FROM page WHERE site = ?1 AND path = ?4
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_DELETE_EMPTY_DAY_OF_PAGE = """
DELETE FROM day_page WHERE day = ?2 AND site = ?1 AND views = 0
    AND page = (SELECT id FROM page WHERE site = ?1 AND path = ?3)
"""
_SET_FIRST_DAY = """
UPDATE site SET first_day = min(?2, ifnull(first_day, ?2))
WHERE id = ?1 AND (first_day IS NOT NULL OR views = ?3)
"""


def once(
    connection: apsw.Connection, name: str | None, change: Callable[..., Any]
) -> Any:
    """Make a change, unless one with the same name has been made. Return its result.

    The result must be JSON, as it is kept. Raises BackendError and apsw.Error.
    """
    if name is None:
        return change(connection)
    key = f"change:{name}"
    result = _find_result(connection, key)
    if result is not None:
        return json.loads(result)
    made = change(connection)
    _keep_result(connection, key, json.dumps(made))
    return made


def remember(
    connection: apsw.Connection, name: str, text: str, *, instead_of: str | None
) -> str:
    """Keep a text unless there is another one. Return the kept one.

    Raises apsw.Error.
    """
    key = f"answer:{name}"
    kept = _find_result(connection, key)
    if kept is not None and kept != instead_of:
        return kept
    _keep_result(connection, key, text)
    return text


def _find_result(connection: apsw.Connection, key: str) -> str | None:
    found: str | None = fetch_one(
        connection, "SELECT result FROM change WHERE name = ?", key
    )
    return found


def _keep_result(connection: apsw.Connection, key: str, result: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO change (name, result, made) VALUES (?, ?, ?)",
        (key, result, time.time()),
    )


def set_views(
    connection: apsw.Connection, page: Page, views: int, limits: Limits
) -> int:
    """Set the total views of a page, and return their number before.

    Raises LimitReachedError and apsw.Error.
    """
    site = fetch_one(
        connection, "SELECT views, pages FROM site WHERE name = ?", page.site
    )
    if site is None and not may_add_site(connection, page.site, limits):
        raise LimitReachedError.of_sites(limits.sites)
    site_views, pages = site or (0, 0)
    settle_page(connection, page.site, page.path)
    before = _find(connection, page)
    is_new = before is None
    if is_new and pages >= limits.pages_per_site:
        raise LimitReachedError.of_pages(page.site, limits.pages_per_site)
    *_, before_views = before or (0,)
    site_id = set_site(
        connection, page.site, site_views + views - before_views, pages + is_new
    )
    connection.execute(
        "INSERT INTO page (site, path, views) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET views = excluded.views",
        (site_id, page.path, views),
    )
    return before_views


def add_views(
    connection: apsw.Connection,
    page: Page,
    views: int,
    day: date | None,
    limits: Limits,
) -> list[int]:
    """Add views to a page, and return the numbers before, as Numbers has them.

    Raises BackendError and apsw.Error.
    """
    settle_page(connection, page.site, page.path)
    number = number_of(day) if day else None
    found = fetch_one(connection, _PAGE_AND_SITE, page.site, page.path, number)
    before: list[int] = list(found or (0, 0, 0, 0))
    _check_numbers(page, views, before, day)
    set_views(connection, page, before[0] + views, limits)
    if day:
        site_id = id_of(connection, page.site)
        of_day = site_id, number, views
        connection.execute(_ADD_TO_DAY, of_day)
        connection.execute(_ADD_TO_DAY_OF_PAGE, (*of_day, page.path))
        connection.execute(_DELETE_EMPTY_DAY_OF_PAGE, (site_id, number, page.path))
        if views > 0:
            connection.execute(_SET_FIRST_DAY, of_day)
    return before if day else before[:2]


def _check_numbers(page: Page, views: int, before: list[int], day: date | None) -> None:
    """Raise BackendError if the views to add make a number too small or too large."""
    on_page, on_site, page_on_day, site_on_day = before
    if on_page + views < 0:
        raise TooFewViewsError.of(page, on_page, None)
    if day and page_on_day + views < 0:
        raise TooFewViewsError.of(page, page_on_day, day)
    if max(on_site, site_on_day) + views > LARGEST:
        raise BackendError(LARGEST_REACHED)


def delete_page(connection: apsw.Connection, page: Page) -> int:
    """Delete the counts of a page, and return its views. Raises apsw.Error."""
    settle_page(connection, page.site, page.path)
    found = _find(connection, page)
    if found is None:
        return 0
    site_id, page_id, views = found
    connection.execute(_SUBTRACT_FROM_DAYS, (site_id, page_id))
    connection.execute(_DELETE_DAYS, (site_id, page_id))
    forget_page(connection, site_id, page_id, views)
    return views


def forget_page(
    connection: apsw.Connection, site_id: int, page_id: int, views: int
) -> None:
    """Remove a page with this number of views, whose days have been removed.

    Raises apsw.Error.
    """
    connection.execute("DELETE FROM seen WHERE page = ?", (page_id,))
    connection.execute("DELETE FROM page WHERE id = ?", (page_id,))
    connection.execute(
        "UPDATE site SET views = views - ?, pages = pages - 1 WHERE id = ?",
        (views, site_id),
    )


def delete_site(connection: apsw.Connection, site: str) -> int:
    """Delete the counts of a site, and return its views. Raises apsw.Error.

    The site loses its name and is no longer found. Its rows may be too many for one
    step, in which no view could be counted. See expiry.py.
    """
    end_runs(connection, [site])
    deleted: tuple[int, int] | None = fetch_one(
        connection,
        "UPDATE site SET name = NULL WHERE name = ? RETURNING id, views",
        site,
    )
    if deleted is None:
        return 0
    site_id, views = deleted
    drop_part(connection, site_id)
    return views


def _find(connection: apsw.Connection, page: Page) -> tuple[int, int, int] | None:
    """Return the IDs of a page's site and of the page, and its views; or None."""
    found: tuple[int, int, int] | None = fetch_one(
        connection,
        "SELECT site, page.id, page.views FROM page JOIN site ON site.id = site "
        "WHERE name = ? AND path = ?",
        *(page.site, page.path),
    )
    return found
