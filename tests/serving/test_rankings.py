"""Rankings over spans of days on real servers."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from page_tracker import Count, Page
from page_tracker.backends.choice import open_backend
from tests.conftest import StartTracker
from tests.contract_owner import LONG_AGO, YESTERDAY, add_counts
from tests.counting import TIMEOUT_S
from tests.owner import BEARER, TOKEN
from tests.servers import wait_until

PAGES = 3_000
VIEWS = 200
CLIENTS = 10


@pytest.fixture(name="storage", params=["sqlite", "redis"])
def fixture_storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a storage that all workers share."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return f"sqlite://{tmp_path}/counts.db"


def counts_of(pages: Iterable[Page]) -> list[Count]:
    """Return one view of each page on each of two days."""
    days = (None, LONG_AGO, YESTERDAY)
    return [Count(page, 1 if day else 2, day) for page in pages for day in days]


def test_should_be_exact_after_all_have_asked_while_views_were_counted(
    start_tracker: StartTracker, storage: str
) -> None:
    site = f"{uuid4()}.example"
    add_counts(
        open_backend(storage),
        counts_of(Page(site, f"/{number}") for number in range(PAGES)),
    )
    tracker = start_tracker(
        PAGE_TRACKER_BACKEND=storage, PAGE_TRACKER_TOKEN=TOKEN, WEB_CONCURRENCY="2"
    )
    url = tracker.address()

    def count(number: int) -> None:
        page = f"{site}/{number % 20}"
        requests.get(f"{url}/hit.txt?page={page}", timeout=TIMEOUT_S).raise_for_status()

    def ask(days: int) -> dict[str, Any]:
        asked = f"{url}/api/sites/{site}/pages?days={days}&limit=1000"
        answer = requests.get(asked, headers=BEARER, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    with ThreadPoolExecutor(2 * CLIENTS) as threads:
        counted = [threads.submit(count, number) for number in range(VIEWS)]
        asked = [threads.submit(ask, 400) for _ in range(5 * CLIENTS)]
        answers = [each.result() for each in asked]
        for each in counted:
            each.result()

    for answer in answers:
        assert 2 * PAGES <= answer["views"] <= 2 * PAGES + VIEWS
        assert {page["views"] for page in answer["pages"][20:]} == {2}
    # Each of the workers may keep a ranking of a moment before.
    wait_until(
        lambda: all(ask(400)["views"] == 2 * PAGES + VIEWS for _ in range(CLIENTS)),
        "all views to be ranked",
    )
    first = ask(400)["pages"][:20]
    assert {page["views"] for page in first} == {2 + VIEWS // 20}
    assert ask(1)["views"] == VIEWS
