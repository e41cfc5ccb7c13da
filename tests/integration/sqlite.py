"""What the tests of imports into a SQLite file do, and what they look at."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw

from page_tracker import Count
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.expiry import remove_expired
from tests.contract_owner import TODAY, site_imports

LEFT = ("incoming", "import_part", "import_run")
"""The tables that are empty when all imports have ended."""


def count_rows(path: Path, *tables: str) -> list[int]:
    """Return the number of rows in tables of the file."""
    with closing(apsw.Connection(str(path))) as file:
        # The file is locked while another process opens it first, or closes it last.
        file.set_busy_timeout(10_000)
        return [file.execute(f"SELECT count(*) FROM {name}").get for name in tables]


def keep(path: Path) -> None:
    """Do the work of housekeeping."""
    with closing(Database(path)) as database:
        remove_expired(database)


def import_while(
    backend: SqliteBackend,
    counts: list[Count],
    happens: Callable[[], object],
    *,
    replaces: bool = False,
) -> None:
    """Import counts. Before the last one is read, something happens."""

    def interrupted(expected: list[Count]) -> Iterator[Count]:
        yield from expected[:-1]
        happens()
        yield expected[-1]

    sites = {
        site: replace(added, counts=interrupted(list(added.counts)))
        for site, added in site_imports(counts).items()
    }
    backend.import_counts(sites, replace=replaces, today=TODAY)
