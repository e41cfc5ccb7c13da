"""The tables of the file.

Days are numbers of days since 1970-01-01, as in SQL: date(day * 86400, 'unixepoch').
"""

from datetime import date

APPLICATION_ID = 0x70677472
"""Marks the file as one of the tracker (sqlite.org/fileformat2.html, 1.3.15)."""

VERSION = 1
"""The version of these tables, stored in the file as its user_version."""

TOTAL = -1
"""The day of a total that is in a table of days. No daily count is that old."""

_FIRST_DAY = date(1970, 1, 1).toordinal()

TABLES = """
CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    -- NULL for a deleted site, whose rows are then deleted in small steps.
    name TEXT UNIQUE,
    views INTEGER NOT NULL,
    pages INTEGER NOT NULL
) STRICT;

CREATE TABLE page (
    id INTEGER PRIMARY KEY,
    site INTEGER NOT NULL,
    path TEXT NOT NULL,
    views INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX page_by_path ON page (site, path);

CREATE INDEX page_by_views ON page (site, views, path);

CREATE TABLE day (
    site INTEGER NOT NULL,
    day INTEGER NOT NULL,
    views INTEGER NOT NULL DEFAULT 0,
    visitors INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (site, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE day_page (
    day INTEGER NOT NULL,
    site INTEGER NOT NULL,
    page INTEGER NOT NULL,
    views INTEGER NOT NULL,
    PRIMARY KEY (day, site, page)
) STRICT, WITHOUT ROWID;

CREATE TABLE ignored (
    site INTEGER NOT NULL,
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    views INTEGER NOT NULL,
    PRIMARY KEY (site, day, reason)
) STRICT, WITHOUT ROWID;

-- The visitors of a day are kept as long as its salt.
CREATE TABLE salt (
    day INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    created REAL NOT NULL
) STRICT;

CREATE TABLE visitor (
    day INTEGER NOT NULL,
    site INTEGER NOT NULL,
    pseudonym INTEGER NOT NULL,
    PRIMARY KEY (day, site, pseudonym)
) STRICT, WITHOUT ROWID;

-- Who has viewed which page recently, to detect repeats.
CREATE TABLE seen (
    page INTEGER NOT NULL,
    pseudonym INTEGER NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (page, pseudonym)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_by_time ON seen (until);

-- The names of imports that have been added to a site.
CREATE TABLE import (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;
"""

# Files of earlier versions lack these: each is known by one of its tables. Processes of
# such a version may use the file at the same time, so their statements must go on
# working.
ADDITIONS = {
    "incoming": """
-- The first day on which a site had views; NULL if it is not known.
ALTER TABLE site ADD COLUMN first_day INTEGER;

-- The first and the last day of an import that has days.
CREATE TABLE import_days (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;

-- Imports that are running. One that is stopped or killed leaves its row.
CREATE TABLE import_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    last_step REAL NOT NULL
) STRICT;

-- The part of an import for one site.
CREATE TABLE import_part (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- NULL as long as its incoming counts are only staged. From then on, they count.
    site INTEGER UNIQUE
) STRICT;

-- Counts of imports that are not in the tables of pages yet. Totals have the day -1.
CREATE TABLE incoming (
    part INTEGER NOT NULL,
    day INTEGER NOT NULL,
    path TEXT NOT NULL,
    views INTEGER NOT NULL,
    PRIMARY KEY (part, day, path)
) STRICT, WITHOUT ROWID;
""",
    "referrer": """
-- The views that other sites brought. Those of all time have the day -1.
CREATE TABLE referrer (
    site INTEGER NOT NULL,
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    views INTEGER NOT NULL,
    PRIMARY KEY (site, day, name)
) STRICT, WITHOUT ROWID;

-- The last referrer that an import has added, as all are added in their order.
CREATE TABLE import_referrers (
    site INTEGER NOT NULL,
    name TEXT NOT NULL,
    last TEXT NOT NULL,
    PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;

-- Earlier versions also remove days and sites.
CREATE TRIGGER referrers_of_day AFTER DELETE ON day BEGIN
    DELETE FROM referrer WHERE site = old.site AND day = old.day;
END;

CREATE TRIGGER referrers_of_site AFTER DELETE ON site BEGIN
    DELETE FROM referrer WHERE site = old.id;
    DELETE FROM import_referrers WHERE site = old.id;
END;
""",
    "change": """
-- What the owner has changed within two days: the result of each change by its name, so
-- that a change that is sent again is made once.
CREATE TABLE change (
    name TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    made REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX change_by_time ON change (made);
""",
    "share": """
-- The links by which the owner shows sites, each with the SHA-256 of its secret.
CREATE TABLE share (
    id TEXT PRIMARY KEY,
    site INTEGER NOT NULL,
    digest TEXT NOT NULL,
    created INTEGER NOT NULL,
    label TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER shares_of_site AFTER DELETE ON site BEGIN
    DELETE FROM share WHERE site = old.id;
END;
""",
}


def number_of(day: date) -> int:
    """Return the number of a day in the file."""
    return day.toordinal() - _FIRST_DAY


def day_of(number: int) -> date:
    """Return the day with this number in the file."""
    return date.fromordinal(number + _FIRST_DAY)
