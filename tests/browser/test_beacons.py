"""Pages that count themselves with navigator.sendBeacon(), without the script."""

import pytest

from tests.browser.reader import Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker
from tests.servers import wait_until


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("?page={page}", ""),
        ("", ", 'page={page}'"),
        ("", ", new URLSearchParams({{page: '{page}'}})"),
    ],
    ids=["query", "text", "form"],
)
def test_should_count_a_beacon(
    reader: Reader, tracker: Tracker, site: Site, query: str, data: str
) -> None:
    page = site.add("/", "<p>A page</p>")
    reader.open(page)

    url = f"{tracker.url}/hit.txt{query.format(page=page)}"
    reader.run(f"navigator.sendBeacon('{url}'{data.format(page=page)})")

    wait_until(lambda: tracker.views(page), "the beacon")
    reader.settle(tracker)
    assert tracker.views(page) == 1
