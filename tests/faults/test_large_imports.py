"""Views are answered while a site with many pages is imported into Redis."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from page_tracker import Count, Limits, Page, SiteImport, View
from page_tracker.backends.redis.backend import RedisBackend
from tests.conftest import StartRedis
from tests.contract_owner import TODAY, views_on

pytestmark = [pytest.mark.storm, pytest.mark.timeout(300)]

PAGES, DAYS, CLIENTS = 200_000, 4, 8
LIMITS = Limits(pages_per_site=2 * PAGES)

LONGEST_WAIT_S = 0.5
"""Much longer than a step, because the processor may be busy with other tests.

If Redis answered nothing while it adds the counts, views would wait for a second, and
longer on a slow machine. There, views wait longer without an import, too. The limit
grows with twice that time, because this measures only one client.
"""


class ManyCounts:
    """Counts of each page of a site, in total and on the last days."""

    def __init__(self, site: str) -> None:
        self._site = site

    def __iter__(self) -> Iterator[Count]:
        pages = [Page(self._site, f"/{number:06}") for number in range(PAGES)]
        yield from (Count(page, 10) for page in pages)
        for ago in reversed(range(DAYS)):
            yield from (Count(page, 2, TODAY - timedelta(ago)) for page in pages)


def test_should_answer_each_view_soon_while_a_large_site_is_imported(
    start_redis: StartRedis, page: Page
) -> None:
    # Other tests may keep the disk busy for longer than any step of the import.
    own_redis, other_redis = (start_redis("--appendfsync", "no") for _ in range(2))
    backend = RedisBackend(own_redis.url, limits=LIMITS)
    elsewhere = RedisBackend(other_redis.url)
    added = SiteImport("many", ManyCounts(page.site), pages=PAGES, daily=True)
    importing = multiprocessing.get_context("fork").Process(
        target=lambda: RedisBackend(own_redis.url, limits=LIMITS).import_counts(
            {page.site: added}, replace=False, today=TODAY
        )
    )

    def view_often(viewed: RedisBackend, client: int) -> list[float]:
        """View pages of the import, and new ones. Return how long each view took."""
        waits, number = list[float](), 0
        while importing.is_alive() or not waits:
            path = f"/{number * 7919 % PAGES:06}" if number % 2 else f"/new/{client}"
            number += 1
            begun = time.monotonic()
            viewed.record(View(Page(page.site, path), TODAY))
            waits.append(time.monotonic() - begun)
            time.sleep(0.02)
        return waits

    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        importing.start()
        # In a Redis that imports nothing, views wait only for the machine.
        unrelated = threads.submit(view_often, elsewhere, 0)
        clients = threads.map(partial(view_often, backend), range(CLIENTS))
        waits = [wait for each in clients for wait in each]
    importing.join()

    assert importing.exitcode == 0
    assert max(waits) < 2 * max(unrelated.result()) + LONGEST_WAIT_S
    assert backend.tally(page, TODAY).site_views == 10 * PAGES + len(waits)
    assert views_on(backend, page, TODAY) == [2 * PAGES + len(waits)]
