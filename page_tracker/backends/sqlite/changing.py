"""Changes that the owner of a site makes."""

import apsw

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.sqlite.database import fetch_one
from page_tracker.backends.sqlite.incoming import drop_part, end_runs, settle_page
from page_tracker.backends.sqlite.recording import may_add_site, set_site
from page_tracker.counting.model import Limits, Page

_SUBTRACT_FROM_DAYS = """
UPDATE day SET views = day.views - day_page.views FROM day_page
WHERE day.site = ?1 AND day_page.site = ?1 AND day_page.day = day.day AND page = ?2
"""
_DELETE_DAYS = """
DELETE FROM day_page
WHERE day IN (SELECT day FROM day WHERE site = ?1) AND site = ?1 AND page = ?2
"""


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
