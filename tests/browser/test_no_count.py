"""Readers who have said on their device that they are not to be counted."""

import pytest

from tests.browser.reader import NUMBERS, Reader, Tracker
from tests.browser.site import Site

pytestmark = pytest.mark.timeout(120)

KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


def view(reader: Reader, tracker: Tracker, url: str, shown: str) -> None:
    """Open a page, which shows so many views, whether or not this is counted."""
    reader.open(url)
    reader.wait_for(shown)
    reader.settle(tracker)


def test_should_count_no_more_on_a_device_until_told_to(
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


def test_should_heed_the_wish_when_the_page_is_open_already(
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
def test_should_count_whatever_other_fragments_say(
    reader: Reader, tracker: Tracker, site: Site, fragment: str
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    view(reader, tracker, f"{page}{fragment}", "1")
    view(reader, tracker, page, "2")

    assert tracker.views(page) == 2


def test_should_keep_nothing_on_a_device_but_this_wish(
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
