"""Merges of pages and sites, in short transactions between which views are counted.

Pages of a site move one by one, each with all its days. Of another site, the days move
one after another, and then the totals with the pages. Each transaction takes from the
one sum what it adds to the other, so the sums are right at each moment, also if a merge
is killed.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import apsw

from page_tracker.backends.sqlite.changing import delete_site, forget_page
from page_tracker.backends.sqlite.database import Database, fetch_all, fetch_one
from page_tracker.backends.sqlite.incoming import (
    add_some,
    end_runs,
    find_part,
    settle_page,
)
from page_tracker.backends.sqlite.reading import id_of
from page_tracker.backends.sqlite.recording import set_site
from page_tracker.backends.sqlite.steps import Steps
from page_tracker.counting.model import Page

# Pages are merged for about so long in a step, and views wait as long.
_STEP_S = 0.005

_ADD_PAGE = (
    "INSERT INTO page (site, path, views) VALUES (:into, :path, 0) "
    "ON CONFLICT DO NOTHING"
)
_ADD_VIEWS = (
    "UPDATE page SET views = views + ? WHERE site = ? AND path = ? RETURNING id"
)
# This looks at each day of the site, so it takes longer than all that is written for a
# page with views on a few days. A day that has expired since is left out.
_DAYS_OF_PAGE = """
SELECT day.day, day_page.views
FROM day CROSS JOIN day_page
    ON day_page.day = day.day AND day_page.site = day.site AND page = ?
WHERE day.site = ?
"""
_ADD_PAGE_DAY = """
INSERT INTO day_page (site, page, day, views) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views
"""
_DELETE_PAGE_DAY = "DELETE FROM day_page WHERE site = ? AND page = ? AND day = ?"
_COUNT_PAGES = "UPDATE site SET pages = pages + ? WHERE id = ?"
# The pages of a day of a site, up to one of them. What is added to a page by an import
# that is not in the rows yet is moved there before.
_SOME_OF_DAY = (
    "day_page.day = :day AND day_page.site = :site AND day_page.page <= :last"
)
_MOVE_DAY = (
    "INSERT INTO day_page (day, site, page, views) "
    "SELECT :day, :into, new.id, day_page.views "
    "FROM day_page CROSS JOIN page AS old ON old.id = day_page.page "
    "CROSS JOIN page AS new INDEXED BY page_by_path "
    "ON new.site = :into AND new.path = old.path "
    f"WHERE {_SOME_OF_DAY} "  # nosec: B608  # only constants are joined
    "ON CONFLICT DO UPDATE SET views = views + excluded.views",
    "INSERT INTO day (site, day, views) VALUES (:into, :day, :sum) "
    "ON CONFLICT DO UPDATE SET views = views + excluded.views",
    "UPDATE day SET views = views - :sum WHERE site = :site AND day = :day",
    f"DELETE FROM day_page WHERE {_SOME_OF_DAY}",  # nosec: B608  # as above
)
_ADD_PAGES_OF_DAY = (
    "INSERT INTO page (site, path, views) SELECT :into, path, 0 "
    "FROM day_page CROSS JOIN page ON page.id = day_page.page "
    f"WHERE {_SOME_OF_DAY} "  # nosec: B608  # only constants are joined
    "ON CONFLICT DO NOTHING"
)
_SOME_PAGES = "page.site = :site AND page.path <= :last"
_ADD_PAGES = (
    "INSERT INTO page (site, path, views) SELECT :into, path, 0 FROM page "
    f"WHERE {_SOME_PAGES} "  # nosec: B608  # only constants are joined
    "ON CONFLICT DO NOTHING"
)
_MOVE_TOTALS = (
    "INSERT INTO page (site, path, views) SELECT :into, path, views FROM page "
    f"WHERE {_SOME_PAGES} "  # nosec: B608  # only constants are joined
    "ON CONFLICT DO UPDATE SET views = views + excluded.views",
    "UPDATE site SET views = views + :sum WHERE id = :into",
    "UPDATE site SET views = views - :sum, pages = pages - :number WHERE id = :site",
    "DELETE FROM seen WHERE page IN "
    f"(SELECT id FROM page WHERE {_SOME_PAGES})",  # nosec: B608  # as above
    f"DELETE FROM page WHERE {_SOME_PAGES}",  # nosec: B608  # as above
)
_SOME_REFERRERS = "site = :site AND day = :day AND name <= :last"
_MOVE_REFERRERS = (
    "INSERT INTO referrer (site, day, name, views) "
    "SELECT :into, day, name, views FROM referrer "
    f"WHERE {_SOME_REFERRERS} "  # nosec: B608  # only constants are joined
    "ON CONFLICT DO UPDATE SET views = views + excluded.views",
    f"DELETE FROM referrer WHERE {_SOME_REFERRERS}",  # nosec: B608  # as above
)
_MERGE_FACTS = (
    # What the site has beside its pages, if anything: all pages have moved.
    "INSERT INTO day (site, day, views, visitors) "
    "SELECT :into, day, views, visitors FROM day WHERE site = :site "
    "ON CONFLICT DO UPDATE SET views = views + excluded.views, "
    "visitors = visitors + excluded.visitors",
    "INSERT INTO ignored (site, day, reason, views) "
    "SELECT :into, day, reason, views FROM ignored WHERE site = :site "
    "ON CONFLICT DO UPDATE SET views = views + excluded.views",
    "INSERT OR IGNORE INTO import SELECT :into, name FROM import WHERE site = :site",
    "INSERT OR IGNORE INTO import_days "
    "SELECT :into, name, first, last FROM import_days WHERE site = :site",
    "UPDATE site SET views = site.views + other.views, first_day = min("
    "ifnull(site.first_day, other.first_day), ifnull(other.first_day, site.first_day)) "
    "FROM site AS other WHERE site.id = :into AND other.id = :site",
)


def merge_pages(path: Path, site: str, into: Mapping[str, str]) -> None:
    """Merge pages of a site into others of it. Raises BackendError."""
    moves = list(into.items())
    with _in_steps(path) as steps:
        while moves:
            moved = steps.take(partial(_merge_some, site, moves))
            moves = moves[moved:]


def merge_sites(path: Path, site: str, into: str) -> None:
    """Merge a site into another one, and forget it. Raises BackendError."""
    with _in_steps(path) as steps:
        while steps.take(partial(_move_some, site, into, steps.rows)):
            pass


@contextmanager
def _in_steps(path: Path) -> Iterator[Steps]:
    """Open the file for steps that do not wait for the disk: only their end does."""
    with closing(Database(path)) as database:
        steps = Steps(database)
        database.use(steps.prepare)
        steps.wait_for_disk(False)
        yield steps
        database.empty_log()


def _merge_some(
    site: str, moves: Sequence[tuple[str, str]], connection: apsw.Connection
) -> int:
    """Merge some of the pages, and return how many."""
    until = monotonic() + _STEP_S
    site_id = id_of(connection, site)
    if site_id is None:
        return len(moves)
    for merged, (path, target) in enumerate(moves, 1):
        settle_page(connection, site, path)
        page = fetch_one(
            connection,
            "SELECT id, views FROM page WHERE site = ? AND path = ?",
            *(site_id, path),
        )
        if page is not None:
            _merge_page(connection, site_id, page, Page(site, target))
        if monotonic() >= until:
            return merged
    return len(moves)


def _move_some(site: str, into: str, rows: int, connection: apsw.Connection) -> bool:
    """Move some counts of a site, and with the last ones what else it has.

    The views of the days move first, the oldest before the others. So views that go on
    in the meantime do not delay the end. Return whether anything may be left.
    """
    site_id = id_of(connection, site)
    if site_id is None:
        return False
    end_runs(connection, [site, into])
    for name in (site, into):
        if found := find_part(name, connection):
            add_some(*found, connection, rows)
            return True
    values = {"site": site_id, "into": _find_or_add(connection, into)}
    for move in (_move_some_of_day, _move_some_totals, _move_some_referrers):
        while moved := move(connection, values, rows):
            rows -= moved
            if not rows:
                return True
    for statement in _MERGE_FACTS:
        connection.execute(statement, values)
    delete_site(connection, site)
    return False


def _move_some_of_day(
    connection: apsw.Connection, values: Mapping[str, int], rows: int
) -> int:
    """Move pages of the first day that has any, and return how many."""
    day = fetch_one(
        connection,
        "SELECT day FROM day WHERE site = ?1 AND EXISTS (SELECT 1 FROM day_page "
        "WHERE day_page.site = ?1 AND day_page.day = day.day) ORDER BY day LIMIT 1",
        values["site"],
    )
    last, total, number = fetch_one(
        connection,
        "SELECT max(page), sum(views), count(*) FROM (SELECT page, views FROM day_page "
        "WHERE day = ? AND site = ? ORDER BY page LIMIT ?)",
        *(day, values["site"], rows),
    )
    if number:
        of_day = {**values, "day": day, "last": last, "sum": total}
        _count_new_pages(connection, _ADD_PAGES_OF_DAY, of_day)
        for statement in _MOVE_DAY:
            connection.execute(statement, of_day)
    return int(number)


def _move_some_totals(
    connection: apsw.Connection, values: Mapping[str, int], rows: int
) -> int:
    """Move views of all time, with the pages themselves, and return of how many."""
    last, total, number = fetch_one(
        connection,
        "SELECT max(path), sum(views), count(*) FROM (SELECT path, views FROM page "
        "WHERE site = ? ORDER BY path LIMIT ?)",
        *(values["site"], rows),
    )
    if number:
        totals = {**values, "last": last, "sum": total, "number": number}
        _count_new_pages(connection, _ADD_PAGES, totals)
        for statement in _MOVE_TOTALS:
            connection.execute(statement, totals)
    return int(number)


def _move_some_referrers(
    connection: apsw.Connection, values: Mapping[str, int], rows: int
) -> int:
    """Move referrers of the first day that has any, and return how many."""
    day, last, number = fetch_one(
        connection,
        "SELECT day, max(name), count(*) FROM (SELECT day, name FROM referrer "
        "WHERE site = ?1 AND day = (SELECT min(day) FROM referrer WHERE site = ?1) "
        "ORDER BY name LIMIT ?2)",
        *(values["site"], rows),
    )
    if number:
        of_day = {**values, "day": day, "last": last}
        for statement in _MOVE_REFERRERS:
            connection.execute(statement, of_day)
    return int(number)


def _count_new_pages(
    connection: apsw.Connection, statement: str, values: Mapping[str, int | str]
) -> None:
    """Add pages without views to a site, unless they are known, and count them."""
    connection.execute(statement, values)
    connection.execute(_COUNT_PAGES, (connection.changes(), values["into"]))


def _merge_page(
    connection: apsw.Connection, site: int, page: tuple[int, int], target: Page
) -> None:
    """Add the counts of a page, given by ID and views, to another one; delete it."""
    page_id, views = page
    settle_page(connection, target.site, target.path)
    _count_new_pages(connection, _ADD_PAGE, {"into": site, "path": target.path})
    into = fetch_one(connection, _ADD_VIEWS, views, site, target.path)
    days: list[tuple[int, int]] = fetch_all(connection, _DAYS_OF_PAGE, page_id, site)
    connection.executemany(_ADD_PAGE_DAY, [(site, into, *each) for each in days])
    connection.executemany(_DELETE_PAGE_DAY, [(site, page_id, day) for day, _ in days])
    forget_page(connection, site, page_id, views=0)


def _find_or_add(connection: apsw.Connection, site: str) -> int:
    """Return the ID of a site. A merge adds it even if the limit is reached."""
    site_id = id_of(connection, site)
    return set_site(connection, site, 0, 0) if site_id is None else site_id
