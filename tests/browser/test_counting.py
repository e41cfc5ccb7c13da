"""The script counts views of a page and shows the numbers."""

import pytest

from tests.browser.reader import NUMBERS, SITE_VIEWS, SITE_VISITORS, Reader
from tests.browser.site import Site
from tests.browser.visitor import VIEWS, Tracker
from tests.conftest import StartTracker

DYNAMIC = """<script>
const script = document.createElement("script");
script.src = "{url}/track.js";
script.dataset.local = "";
document.head.append(script);
</script>"""


def test_should_count_each_view_once_and_show_the_numbers(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    first = site.add("/first", tracker.script() + NUMBERS)
    second = site.add("/second", tracker.script() + NUMBERS)

    for page, views, site_views in ((first, 1, 1), (first, 2, 2), (second, 1, 3)):
        reader.open(page)
        reader.wait_for(f"{views}", VIEWS)
        reader.wait_for(f"{site_views}", SITE_VIEWS)
        reader.wait_for("1", SITE_VISITORS)
        reader.settle(tracker)
        assert tracker.views(page) == views
    assert reader.errors() == []


@pytest.mark.parametrize("attributes", ["", "async", "defer"])
@pytest.mark.parametrize("place", ["head", "body"])
def test_should_count_with_each_way_to_include_the_script(
    reader: Reader, tracker: Tracker, site: Site, attributes: str, place: str
) -> None:
    script = tracker.script(attributes)
    page = site.add("/", script + NUMBERS if place == "head" else NUMBERS + script)

    reader.open(page)

    reader.settle(tracker)
    assert tracker.views(page) == 1
    assert reader.errors() == []
    if attributes == "defer" or place == "body":
        reader.wait_for("1")


def test_should_count_when_another_script_inserts_it(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", NUMBERS + DYNAMIC.replace("{url}", tracker.url))

    reader.open(page)

    reader.wait_for("1")
    reader.settle(tracker)
    assert tracker.views(page) == 1


def test_should_count_once_if_the_script_is_included_twice(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS + tracker.script())

    reader.open(page)
    reader.wait_for("1")
    reader.run("history.pushState(0, '', '/other')")
    reader.settle(tracker)

    assert tracker.views(page) == 1
    assert tracker.views(f"{site.url}/other") == 1


def test_should_count_the_page_that_the_tag_names(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    named = f"{site.host}/named"
    page = site.add("/", tracker.script(f'defer data-page="{named}"') + NUMBERS)

    reader.open(page)
    reader.wait_for("1")
    reader.run("history.pushState(0, '', '/other')")
    reader.settle(tracker)

    assert tracker.views(named) == 1
    assert tracker.views(page) == 0
    assert tracker.views(f"{site.url}/other") == 0


def test_should_show_numbers_without_counting_when_the_tag_says_so(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)
    reader.open(page)
    reader.wait_for("1")
    site.add("/", tracker.script('defer data-count="false"') + NUMBERS)

    reader.open(page)
    reader.wait_for("1")
    reader.wait_for("1", SITE_VIEWS)
    reader.wait_for("1", SITE_VISITORS)
    reader.settle(tracker)

    assert tracker.views(page) == 1


@pytest.mark.parametrize("name", ["busuanzi", "vercount"])
def test_should_fill_in_elements_of_other_counters(
    reader: Reader, tracker: Tracker, site: Site, name: str
) -> None:
    parts = ("page_pv", "site_pv", "site_uv")
    places = "".join(
        f'<p id="{name}_container_{part}" style="display:none">'
        f'Seen <i id="{name}_value_{part}">-</i> times</p>'
        for part in parts
    )
    page = site.add("/", tracker.script() + places)

    reader.open(page)

    for part in parts:
        reader.wait_for("1", f"#{name}_value_{part}")
        assert reader.text(f"#{name}_container_{part}") == "Seen 1 times"
        assert reader.is_visible(f"#{name}_container_{part}")
    reader.settle(tracker)
    assert tracker.views(page) == 1


def test_should_fill_in_the_short_names_of_busuanzi(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    places = '<p id="busuanzi_page_pv"></p><p id="busuanzi_site_uv"></p>'
    page = site.add("/", tracker.script() + places)

    reader.open(page)

    reader.wait_for("1", "#busuanzi_page_pv")
    reader.wait_for("1", "#busuanzi_site_uv")


def test_should_use_the_base_path_of_the_tracker(
    start_tracker: StartTracker, reader: Reader, site: Site
) -> None:
    server = start_tracker(REDIS_URL="memory://", PAGE_TRACKER_BASE_PATH="/counter")
    tracker = Tracker(f"{server.address()}/counter")
    page = site.add("/", tracker.script() + NUMBERS)

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1
    (requested,) = reader.requested_urls("/hit.")
    assert requested.startswith(f"{tracker.url}/hit.json?page=")
