"""Several servers start at once, and each of them finds no SQLite file."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest

from tests.conftest import StartTracker
from tests.counting import view_front_page_concurrently
from tests.faults.sqlite import is_damaged, views_in


@pytest.mark.parametrize(
    "times",
    [
        1,
        pytest.param(20, marks=[pytest.mark.storm, pytest.mark.timeout(240)]),
    ],
)
def test_should_count_in_one_file_that_several_servers_create(
    start_tracker: StartTracker, tmp_path: Path, times: int
) -> None:
    for number in range(times):
        file = tmp_path / f"counts-{number}.db"
        trackers = [
            start_tracker("--workers", "2", PAGE_TRACKER_BACKEND=f"sqlite://{file}")
            for _ in range(3)
        ]
        urls = [tracker.address() for tracker in trackers]

        with ThreadPoolExecutor(len(urls)) as threads:
            lists = threads.map(
                lambda url: view_front_page_concurrently(url, clients=8, views=5), urls
            )

        assert sorted(chain(*lists)) == list(range(1, 121))
        for tracker in trackers:
            tracker.stop()
        assert views_in(file) == 120
        assert not is_damaged(file)
