"""Queries: tallies, and what the owner of a site reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import apsw

from page_tracker.backends.sqlite.database import Value, fetch_one
from page_tracker.backends.sqlite.incoming import part_of
from page_tracker.backends.sqlite.schema import TOTAL, day_of, number_of
from page_tracker.counting.model import (
    DayTotal,
    Ignored,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
    Tally,
)

_TALLY = """
SELECT ifnull(page.views, 0) + ifnull(incoming.views, 0), site.views,
    ifnull(day.visitors, 0)
FROM site
LEFT JOIN page ON page.site = site.id AND page.path = ?1
LEFT JOIN day ON day.site = site.id AND day.day = ?2
LEFT JOIN import_part ON import_part.site = site.id
LEFT JOIN incoming
    ON part = import_part.id AND incoming.day = -1 AND incoming.path = ?1
WHERE site.name = ?3
"""
_SITES = """
SELECT name, site.views, pages, ifnull(day.views, 0), ifnull(visitors, 0) FROM site
LEFT JOIN day ON day.site = site.id AND day = ?
WHERE (name <> '' OR site.views > 0) AND name = ifnull(?, name)
ORDER BY site.views DESC, name
"""
# Pages with their views, of all time or of a day, if no views of the site are incoming.
_PAGES = "SELECT path, views FROM page WHERE site = :site"
_PAGES_OF_DAY = """
SELECT path, day_page.views FROM day_page JOIN page ON page.id = page
WHERE day = :day AND day_page.site = :site
"""
# The same with incoming views. It reads all pages, so it is slower.
_ALL_PAGES = f"""
SELECT path, sum(views) AS views FROM (
    {_PAGES} UNION ALL
    SELECT path, views FROM incoming WHERE part = :part AND day = -1
) GROUP BY path
"""  # nosec B608  # all of it is constant
_ALL_PAGES_OF_DAY = f"""
SELECT path, sum(views) AS views FROM (
    {_PAGES_OF_DAY} UNION ALL
    SELECT path, views FROM incoming WHERE part = :part AND day = :day
) GROUP BY path HAVING sum(views) > 0
"""  # nosec B608  # all of it is constant
# The index page_by_views has this order. An upper bound of the views makes SQLite begin
# there.
_RANKING = """
SELECT path, views FROM ({})
WHERE views <= :most AND (views, path) < (:views, :path) AND path GLOB :pattern
ORDER BY views DESC, path DESC LIMIT :limit
"""
_HISTORY = """
SELECT day, views, visitors FROM day
WHERE site = ? AND day IN (SELECT value FROM json_each(?))
"""
# The views of a page on some days, and those that are incoming.
_PAGE_HISTORY = """
SELECT day, sum(views) FROM (
    SELECT day_page.day, day_page.views FROM site
    JOIN page ON page.site = site.id AND page.path = :path
    JOIN json_each(:days) AS wanted
    JOIN day_page ON day_page.day = wanted.value
        AND day_page.site = site.id AND day_page.page = page.id
    WHERE site.name = :site
    UNION ALL
    SELECT incoming.day, incoming.views FROM site
    JOIN import_part ON import_part.site = site.id
    JOIN json_each(:days) AS wanted
    JOIN incoming ON incoming.part = import_part.id
        AND incoming.day = wanted.value AND incoming.path = :path
    WHERE site.name = :site
) GROUP BY day
"""
_IGNORED = """
SELECT reason, sum(views) FROM ignored
WHERE site = ? AND day IN (SELECT value FROM json_each(?)) GROUP BY reason
"""
_REFERRERS = """
SELECT name, sum(views) FROM referrer
WHERE site = ? AND day IN (SELECT value FROM json_each(?)) GROUP BY name
"""
_FIRST_DAY = """
SELECT min(first) FROM (
    SELECT first_day AS first FROM site WHERE id = ?1
    UNION ALL SELECT min(day) FROM day WHERE site = ?1 AND views > 0
)
"""
_IMPORTS = """
SELECT name, first, last FROM import LEFT JOIN import_days USING (site, name)
WHERE site = ?
"""

# No page has more views.
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TallyRequest:
    """A request for the current tally of a page."""

    page: Page
    day: date


def tallies(
    connection: apsw.Connection, requests: Sequence[TallyRequest]
) -> list[Tally]:
    """Return the tally for each request. Raises apsw.Error."""
    found = []
    for request in requests:
        page, day = request.page, number_of(request.day)
        row = fetch_one(connection, _TALLY, page.path, day, page.site)
        found.append(Tally(*(row or (0, 0, 0))))
    return found


def sites(
    connection: apsw.Connection, today: date, only: str | None
) -> list[SiteTotal]:
    """Return all known sites, the most viewed first, or one. Raises apsw.Error."""
    rows = connection.execute(_SITES, (number_of(today), only))
    return [SiteTotal(*row) for row in rows]


def ranking(  # pylint: disable=too-many-arguments  # most are keyword-only
    connection: apsw.Connection,
    site: str,
    *,
    search: str,
    limit: int,
    after: PageViews | None,
) -> Ranking:
    """Return the most viewed pages of a site. Raises apsw.Error."""
    query, values = views_of_pages(connection, id_of(connection, site), None)
    values |= {
        "most": after.views if after else _MOST,
        "views": after.views if after else _MOST,
        # A path is less than any text that begins with this character.
        "path": after.page.path if after else "\U0010ffff",
        "pattern": _pattern(search),
        # One page more than the limit, to learn whether another part follows.
        "limit": limit + 1,
    }
    rows = connection.execute(_RANKING.format(query), values)
    found = tuple(PageViews(Page(site, path), views) for path, views in rows)
    more = found[limit - 1] if len(found) > limit else None
    return Ranking(found[:limit], more)


def views_of_pages(
    connection: apsw.Connection, site: int | None, day: date | None
) -> tuple[str, dict[str, Value]]:
    """Return a query for the path and views of each page of a site, and its values.

    The views are those of all time or of one day. Raises apsw.Error.
    """
    part = part_of(connection, site)
    values: dict[str, Value] = {"site": site, "part": part}
    if day is None:
        return _PAGES if part is None else _ALL_PAGES, values
    values["day"] = number_of(day)
    return _PAGES_OF_DAY if part is None else _ALL_PAGES_OF_DAY, values


def _pattern(search: str) -> str:
    """Return a pattern for paths that contain a text, ignoring case.

    The functions of SQLite that ignore case do so only for the letters of ASCII.
    """
    return f"*{''.join(map(_class_of, search))}*"


def _class_of(letter: str) -> str:
    """Return the pattern of one character, in both cases."""
    # Some letters, such as ß, have no upper case of one character.
    cases = {
        case for case in (letter, letter.lower(), letter.upper()) if len(case) == 1
    }
    # In brackets, a character has no special meaning.
    return f"[{''.join(cases)}]" if len(cases) > 1 or letter in "*?[" else letter


def history(
    connection: apsw.Connection, site: str, days: Sequence[date]
) -> list[DayTotal]:
    """Return the views and visitors of a site on each day. Raises apsw.Error."""
    rows = connection.execute(_HISTORY, (id_of(connection, site), _json(days)))
    found = {day: (views, visitors) for day, views, visitors in rows}
    return [DayTotal(day, *found.get(number_of(day), (0, 0))) for day in days]


def page_history(
    connection: apsw.Connection, page: Page, days: Sequence[date]
) -> list[int]:
    """Return the views of a page on each of these days. Raises apsw.Error."""
    rows = connection.execute(
        _PAGE_HISTORY, {"site": page.site, "path": page.path, "days": _json(days)}
    )
    found = dict(rows)
    return [found.get(number_of(day), 0) for day in days]


def ignored(
    connection: apsw.Connection, site: str, days: Sequence[date]
) -> dict[Ignored, int]:
    """Return the ignored views of a site, by reason. Raises apsw.Error."""
    rows = connection.execute(_IGNORED, (id_of(connection, site), _json(days)))
    # A newer version may know more reasons.
    known = {reason.value: reason for reason in Ignored}
    return {known[word]: views for word, views in rows if word in known}


def referrers(
    connection: apsw.Connection, site: str, days: Sequence[date] | None
) -> dict[str, int]:
    """Return the views by referrer. Raises apsw.Error."""
    of = json.dumps([TOTAL]) if days is None else _json(days)
    return dict(connection.execute(_REFERRERS, (id_of(connection, site), of)))


def first_day(connection: apsw.Connection, site: str) -> date | None:
    """Return the first day on which a site had views. Raises apsw.Error."""
    first: int | None = fetch_one(connection, _FIRST_DAY, id_of(connection, site))
    return None if first is None else day_of(first)


def imports(
    connection: apsw.Connection, site: str
) -> dict[str, tuple[date, date] | None]:
    """Return the names and days of the imports of a site. Raises apsw.Error."""
    rows = connection.execute(_IMPORTS, (id_of(connection, site),))
    return {
        name: None if first is None else (day_of(first), day_of(last))
        for name, first, last in rows
    }


def id_of(connection: apsw.Connection, site: str) -> int | None:
    """Return the ID of a site, or None if it is not known. Raises apsw.Error."""
    found: int | None = fetch_one(
        connection, "SELECT id FROM site WHERE name = ?", site
    )
    return found


def _json(days: Sequence[date]) -> str:
    return json.dumps([number_of(day) for day in days])
