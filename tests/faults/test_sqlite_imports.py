"""Imports into a SQLite file whose process is killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import apsw
import pytest

from page_tracker import Count, Page
from page_tracker.backends.sqlite.backend import SqliteBackend
from page_tracker.backends.sqlite.database import Database
from page_tracker.backends.sqlite.expiry import remove_expired
from page_tracker.backends.sqlite.steps import R, Steps
from tests.contract_owner import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    add_counts,
    all_counts,
    record_views,
)
from tests.faults.sqlite import is_damaged

# Python 3.12 warns about a fork while threads run. Here, the only one is idle.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

FORKING = multiprocessing.get_context("fork")

PAGES = [Page(f"{site}.example", f"/{n}") for site in "ab" for n in range(4)]
STORED = [Count(page, 3) for page in PAGES[::2]]
STORED += [Count(page, 2, YESTERDAY) for page in PAGES[::2]]
IMPORTED = [Count(page, 5) for page in PAGES]
IMPORTED += [Count(page, 1, day) for page in PAGES for day in (LONG_AGO, YESTERDAY)]


def expected(replace: bool) -> list[set[Count]]:
    """Return the counts of both sites after the import."""
    kept = {} if replace else {(count.page, count.day): count.views for count in STORED}
    counts = [
        Count(each.page, each.views + kept.get((each.page, each.day), 0), each.day)
        for each in IMPORTED
    ]
    return by_site(counts)


def by_site(counts: list[Count]) -> list[set[Count]]:
    """Return the counts of both sites."""
    sites = [page.site for page in (PAGES[0], PAGES[-1])]
    return [{count for count in counts if count.page.site == site} for site in sites]


def counts_in(file: Path) -> list[set[Count]]:
    """Return the counts of both sites in the file."""
    backend = SqliteBackend(file)
    return [all_counts(backend, page) for page in (PAGES[0], PAGES[-1])]


def is_consistent(file: Path) -> bool:
    """Return whether the totals in the file are the sums of its counts, and no more."""
    with closing(apsw.Connection(str(file))) as connection:
        left = ("incoming", "import_part", "import_run")
        return not is_damaged(file) and all(
            connection.execute(query).get == 0
            for query in (
                *(f"SELECT count(*) FROM {table}" for table in left),
                "SELECT count(*) FROM site WHERE (views, pages) <> "
                "(SELECT sum(views), count(*) FROM page WHERE site = site.id)",
                "SELECT count(*) FROM day WHERE views <> (SELECT sum(views) "
                "FROM day_page WHERE site = day.site AND day = day.day)",
            )
        )


def killed(work: Callable[[], object]) -> bool:
    """Do work in another process. Return whether it has been killed."""
    process = FORKING.Process(target=work, daemon=True)
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def import_and_die(file: Path, at_step: int, replace: bool) -> None:
    """Import with one row in each step, and die after a step."""
    take, taken = Steps.take, 0

    def take_or_die(steps: Steps, change: Callable[[apsw.Connection], R]) -> R:
        nonlocal taken
        taken += 1
        result = take(steps, change)
        if taken == at_step:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    # The process ends, so nothing has to be restored.
    setattr(Steps, "take", take_or_die)
    setattr(Steps, "_MOST_ROWS", 3)
    add_counts(SqliteBackend(file), IMPORTED, replace=replace)


def keep_later(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of housekeeping ten minutes later."""
    now = time.time()
    with monkeypatch.context() as patched, closing(Database(file)) as database:
        patched.setattr(time, "time", lambda: now + 601)
        remove_expired(database)


@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("replace", [False, True])
def test_should_import_once_wherever_the_import_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replace: bool, keeps: bool
) -> None:
    at_step, seen = 0, list[bool]()
    while True:
        at_step += 1
        file = tmp_path / f"{at_step}.db"
        add_counts(SqliteBackend(file), STORED, name="stored")
        before, after = by_site(STORED), expected(replace)

        if not killed(lambda: import_and_die(file, at_step, replace)):
            break

        found = counts_in(file)
        assert found in (before, after)
        seen.append(found == after)
        if keeps:
            keep_later(file, monkeypatch)
            assert counts_in(file) == found
            assert is_consistent(file)
        added = add_counts(SqliteBackend(file), IMPORTED, replace=replace)
        assert added == (replace or found == before)
        assert counts_in(file) == after
        keep_later(file, monkeypatch)
        assert counts_in(file) == after
        assert is_consistent(file)
    # Some steps come before all counts begin to count at once, and some after.
    assert seen == sorted(seen)
    assert len(set(seen)) == 2


@pytest.mark.parametrize(
    "kills", [4, pytest.param(30, marks=[pytest.mark.storm, pytest.mark.timeout(300)])]
)
def test_should_import_once_if_killed_at_any_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    file, page = tmp_path / "counts.db", Page("a.example", "/0")
    backend = SqliteBackend(file)
    counts = [
        Count(Page(page.site, f"/{n}"), 1, day)
        for n in range(2_000)
        for day in (None, YESTERDAY, TODAY)
    ]
    views = 0
    for number in range(kills):
        add = partial(add_counts, backend, counts, name=str(number))
        process = FORKING.Process(target=add, daemon=True)
        process.start()
        record_views(backend, page, 3)
        views += 3
        process.join(random.uniform(0, 0.5))
        process.kill()
        process.join()

        add()

        assert backend.tally(page, TODAY).page_views == views + number + 1
        assert backend.tally(page, TODAY).site_views == views + 2_000 * (number + 1)
    keep_later(file, monkeypatch)
    (day,) = backend.history(page.site, [YESTERDAY])
    assert day.views == 2_000 * kills
    assert is_consistent(file)
