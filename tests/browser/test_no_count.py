"""Visitors can opt out of counting on their device."""

import pytest

from tests.browser.reader import NUMBERS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker

KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


def view(reader: Reader, tracker: Tracker, url: str, shown: str) -> None:
    """Open a page, and wait until it shows this number of views."""
    reader.open(url)
    reader.wait_for(shown)
    reader.settle(tracker)


def test_should_not_count_on_a_device_that_has_opted_out(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)
    other = site.add("/other", tracker.script() + NUMBERS)
    view(reader, tracker, page, "1")

    view(reader, tracker, f"{page}#no-count", "1")
    view(reader, tracker, page, "1")
    view(reader, tracker, other, "0")
    reader.run("history.pushState({}, '', '/third')")
    reader.settle(tracker)
    assert (tracker.views(page), tracker.views(other)) == (1, 0)
    assert tracker.views(f"{site.url}/third") == 0

    view(reader, tracker, f"{page}#count", "2")
    view(reader, tracker, page, "3")
    view(reader, tracker, other, "1")
    assert (tracker.views(page), tracker.views(other)) == (3, 1)


def test_should_respect_an_opt_out_on_an_open_page(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)
    view(reader, tracker, page, "1")

    reader.run("location.hash = 'no-count'")
    reader.wait_for_value("no-", "localStorage.nocount")
    view(reader, tracker, page, "1")

    reader.run("location.hash = 'count'")
    reader.wait_for_value("", "localStorage.nocount")
    view(reader, tracker, page, "2")

    assert tracker.views(page) == 2


@pytest.mark.parametrize("fragment", ["", "#count-me", "#no-counting", "#a-no-count"])
def test_should_count_with_other_fragments(
    reader: Reader, tracker: Tracker, site: Site, fragment: str
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    view(reader, tracker, f"{page}{fragment}", "1")
    view(reader, tracker, page, "2")

    assert tracker.views(page) == 2


def test_should_store_only_the_opt_out_on_a_device(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    view(reader, tracker, page, "1")
    assert reader.value(KEPT) == '[{},{},""]'
    view(reader, tracker, f"{page}#no-count", "1")
    assert reader.value(KEPT) == '[{"nocount":"no-"},{},""]'
    view(reader, tracker, f"{page}#count", "2")
    assert reader.value(KEPT) == '[{"nocount":""},{},""]'

    assert reader.value("indexedDB.databases()") == []
    assert reader.value("caches.keys()") == []
    assert reader.cookies() == []
