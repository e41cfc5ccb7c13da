"""Pages in a SQLite file, and the space that they use there."""

import random
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

from page_tracker.backends.sqlite import changing
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.recording import record
from page_tracker.backends.sqlite.url import url_of
from page_tracker.counting.model import FRONT_PAGE, Limits, Page, View
from tests.benchmarks.targets import PATH, SITE

_AT_ONCE = 10_000
_LIMITS = Limits(pages_per_site=2**53)


@dataclass(frozen=True, slots=True)
class Space:
    """The space that pages use in the file, in bytes."""

    pages: int

    page: float
    """The space of a page for its total views."""

    day: float
    """The space of a page for each day on which it is viewed."""


class CountsFile:
    """The file in which a tracker counts. Each measurement begins with other pages."""

    def __init__(self, path: Path) -> None:
        """Prepare to write this file. Others with the same pages are kept beside it."""
        self.url = url_of(path)
        self._path = path

    def fill(self, pages: int) -> None:
        """Replace the counts by those of redis_pages.fill(), while a tracker runs.

        The copy goes through SQLite. Otherwise, the tracker would use its write-ahead
        log of the old file with the new one.
        """
        template = self._path.with_name(f"{pages}-pages.db")
        if not template.exists():
            with closing(Database(template)) as database:
                _view_pages(database, pages, _today(), seed=0)
        with (
            closing(apsw.Connection(str(template))) as source,
            closing(apsw.Connection(str(self._path))) as target,
        ):
            target.set_busy_timeout(10_000)
            with target.backup("main", source, "main") as backup:
                backup.step()
            target.pragma("wal_checkpoint(TRUNCATE)")


def space_of(pages: int) -> Space:
    """Store this many pages, and return the space that they use.

    The pages are viewed on two days, each time in another order, as on a real site.
    """
    today = _today()
    with (
        TemporaryDirectory() as folder,
        closing(Database(Path(folder) / "counts.db")) as database,
    ):
        empty, empty_days = database.use(_size), database.use(_size_of_days)
        _view_pages(database, pages, today - timedelta(days=1), seed=1)
        first = database.use(_size)
        days = database.use(_size_of_days) - empty_days
        _view_pages(database, pages, today, seed=2)
        second = database.use(_size)
    return Space(pages, (first - empty - days) / pages, (second - first) / pages)


def _view_pages(database: Database, pages: int, day: date, *, seed: int) -> None:
    """View each page once, and the front page a million times."""
    database.change(
        lambda connection: changing.set_views(
            connection, FRONT_PAGE, 1_000_000, _LIMITS
        )
    )
    numbers = random.Random(seed).sample(range(pages), pages)
    for begin in range(0, pages, _AT_ONCE):
        part = numbers[begin : begin + _AT_ONCE]
        views = [View(Page(SITE, PATH.format(number)), day) for number in part]
        database.change(partial(record, views=views, limits=_LIMITS))


def _size(connection: apsw.Connection) -> int:
    connection.pragma("wal_checkpoint(TRUNCATE)")
    size: int = connection.pragma("page_count") * connection.pragma("page_size")
    return size


def _size_of_days(connection: apsw.Connection) -> int:
    size: int = connection.execute(
        "SELECT sum(pgsize) FROM dbstat WHERE name = 'day_page'"
    ).get
    return size


def _today() -> date:
    return datetime.now(UTC).date()
