"""The script finds its tag and its elements, and follows its options."""

import pytest

from tests.browser.reader import NUMBERS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker, Visitor

# As browsers say it of a tab that nobody looks at.
IN_BACKGROUND = """<script>
var inBackground = true;
Object.defineProperty(document, "hidden", {get: () => inBackground});
</script>"""
# As Safari and Firefox were for long.
NO_NAVIGATION = "<script>Object.defineProperty(window, 'navigation', {});</script>"
# A page that writes each number in its own way, as soon as it sees one.
FORMAT_NUMBERS = """<script>
let formatted = 0;
new MutationObserver(() => document.querySelectorAll("p").forEach(place => {
    const text = place.textContent;
    if (/^\\d+$/.test(text)) { formatted++; place.textContent = `${text} views`; }
})).observe(document, {childList: true, subtree: true});
</script>"""
APPEND_ONE_BY_ONE = """(async () => {
    const start = performance.now();
    for (let i = 0; i < 5000; i++) {
        document.body.append(document.createElement("i"));
        await 0;
    }
    return performance.now() - start;
})()"""
# As Rocket Loader runs scripts: it changes their type, so that the browser does not
# run them, inserts others when the page has loaded, and hides which script runs.
ROCKET_LOADER = """<script>
Object.defineProperty(document, "currentScript", {get: () => null});
addEventListener("load", () => {
    for (const script of document.querySelectorAll("[type=later]")) {
        const inserted = document.createElement("script");
        for (const {name, value} of script.attributes)
            inserted.setAttribute(name, value);
        inserted.type = "";
        script.replaceWith(inserted);
    }
});
</script>"""


def test_should_fill_elements_that_appear_later(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    visitor.open(site.add("/", tracker.script()))
    visitor.settle(tracker)

    visitor.run("document.body.innerHTML = '<p data-page-views></p>'")
    visitor.wait_for("1")
    visitor.run("history.pushState(0, '', '/second')")
    visitor.settle(tracker)
    visitor.run("document.body.innerHTML = '<i data-site-views></i>'")

    visitor.wait_for("2", "i")


def test_should_fill_an_element_again_that_an_app_has_emptied(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    reader.open(site.add("/", tracker.script() + NUMBERS))
    reader.wait_for("1")

    reader.run("document.querySelector('[data-page-views]').textContent = '…'")

    reader.wait_for("1")


def test_should_leave_a_number_as_the_page_has_formatted_it(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    content = FORMAT_NUMBERS + tracker.script() + "<p data-page-views></p>"
    reader.open(site.add("/", content))

    reader.wait_for("1 views")
    reader.run("document.body.append('more')")
    reader.settle(tracker)

    assert reader.value("formatted") == 1
    assert reader.text() == "1 views"


def test_should_not_stop_a_page_with_two_numbers_for_one_element(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    reader.open(site.add("/other", tracker.script() + NUMBERS))
    reader.wait_for("1")
    both = "<p data-page-views data-site-views></p>"

    reader.open(site.add("/", tracker.script() + both + "<i data-site-views></i>"))

    reader.wait_for("2", "i")
    assert reader.text() == "1"


def test_should_fill_an_element_that_is_called_a_container(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    content = "<p id=views-container data-page-views></p>"

    reader.open(site.add("/", tracker.script() + content))

    reader.wait_for("1")


def test_should_not_slow_down_a_page_to_which_much_is_added(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    reader.open(site.add("/", tracker.script() + NUMBERS))
    reader.wait_for("1")

    took_ms = reader.value(APPEND_ONE_BY_ONE)

    # It took 3 s when each element was followed by a search of the whole page.
    assert isinstance(took_ms, (int, float)) and took_ms < 1000


def test_should_count_addresses_that_the_navigation_api_changes(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    visitor.open(site.add("/", tracker.script() + NUMBERS + "<a href='/b'>B</a>"))
    visitor.wait_for("1")

    visitor.run("navigation.onnavigate = e => e.intercept({handler: async () => {}})")
    visitor.run("document.querySelector('a').click()")
    visitor.wait_for("2", "[data-site-views]")
    visitor.settle(tracker)

    assert tracker.views(f"{site.url}/b") == 1


def test_should_count_again_when_the_browser_shows_a_kept_page(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS + "<a href='/b'>B</a>")
    site.add("/b", "B")
    visitor.open(page)
    visitor.wait_for("1")
    visitor.run("window.kept = true")

    visitor.run("document.querySelector('a').click()")
    visitor.wait_for_value("/b", "location.pathname")
    visitor.run("history.back()")

    visitor.wait_for("2")
    assert visitor.value("window.kept")
    visitor.settle(tracker)
    assert tracker.views(page) == 2


def test_should_count_a_tab_in_the_background_once_when_it_is_shown(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", IN_BACKGROUND + tracker.script() + NUMBERS)
    visitor.open(page)
    visitor.settle(tracker)
    before = tracker.views(page)

    for _ in range(2):
        visitor.run("window.inBackground = false")
        visitor.run("document.dispatchEvent(new Event('visibilitychange'))")
        visitor.wait_for("1")

    visitor.settle(tracker)
    assert (before, tracker.views(page)) == (0, 1)


def test_should_count_an_app_in_a_browser_without_the_navigation_api(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    visitor.open(site.add("/", NO_NAVIGATION + tracker.script() + NUMBERS))
    visitor.wait_for("1")

    visitor.run("document.body.append('changed before the address')")
    visitor.run("history.pushState(0, '', '/b')")
    visitor.wait_for("2", "[data-site-views]")
    visitor.run("history.replaceState(0, '', '/c')")
    visitor.wait_for("3", "[data-site-views]")
    visitor.run("history.back()")

    visitor.wait_for("4", "[data-site-views]")


def test_should_count_although_the_page_uses_the_name_of_the_navigation_api(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    names = "<script>var navigation = {menu: 1};</script>"
    page = site.add("/", names + IN_BACKGROUND + tracker.script() + NUMBERS)
    reader.open(page)
    reader.settle(tracker)

    reader.run("inBackground = false")
    reader.run("document.dispatchEvent(new Event('visibilitychange'))")

    reader.wait_for("1")


@pytest.mark.parametrize(
    "tag",
    [
        "<script type=module data-local src='{url}/track.js'></script>",
        "<script type=module>import '{url}/track.js'</script>"
        "<script type=off data-local data-host='{url}'></script>",
    ],
)
def test_should_find_its_tag(
    visitor: Visitor, tracker: Tracker, site: Site, tag: str
) -> None:
    page = site.add("/", tag.format(url=tracker.url) + NUMBERS)

    visitor.open(page)

    visitor.wait_for("1")
    assert tracker.views(page) == 1


@pytest.mark.parametrize("tracker_option", ["", "data-host={url}"])
def test_should_find_its_tag_when_rocket_loader_runs_it(
    reader: Reader, tracker: Tracker, site: Site, tracker_option: str
) -> None:
    named = f"{site.host}/named"
    options = f"type=later data-page={named} {tracker_option.format(url=tracker.url)}"
    page = site.add("/", ROCKET_LOADER + tracker.script(options) + NUMBERS)

    reader.open(page)

    reader.wait_for("1")
    assert (tracker.views(named), tracker.views(page)) == (1, 0)


@pytest.mark.parametrize("attributes", ["", "defer", "type=module"])
def test_should_count_through_the_proxy_of_the_site(
    reader: Reader, tracker: Tracker, site: Site, attributes: str
) -> None:
    site.pass_on("/numbers/p.js", f"{tracker.url}/track.js")
    site.pass_on("/numbers/hit.json", f"{tracker.url}/hit.json")
    script = f"<script data-local {attributes} src='/numbers/p.js'></script>"
    page = site.add("/", NUMBERS + script)

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("attributes", ["", "defer", "type=module"])
def test_should_ask_the_tracker_that_its_tag_names(
    reader: Reader, tracker: Tracker, site: Site, attributes: str, slash: str
) -> None:
    site.pass_on("/js/p.js", f"{tracker.url}/track.js")
    options = f"data-local data-host={tracker.url}{slash} {attributes}"
    page = site.add("/", f"{NUMBERS}<script {options} src='/js/p.js?v=2'></script>")

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1


def test_should_find_its_options_when_it_is_merged_into_another_file(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    site.pass_on("/all.js", f"{tracker.url}/track.js")
    options = f"<script data-local data-host={tracker.url}></script>"
    page = site.add("/", f"{NUMBERS}<script src='/all.js' defer></script>{options}")

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1


def test_should_not_follow_the_options_of_other_scripts(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    other = "<script src='/other.js' data-host='https://other.example'></script>"
    page = site.add("/", other + tracker.script() + NUMBERS)

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1


def test_should_count_only_when_asked(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script("data-auto=false") + NUMBERS)
    visitor.open(page)
    visitor.settle(tracker)
    assert tracker.views(page) == 0

    visitor.run("pageTracker.view()")
    visitor.wait_for("1")
    visitor.run(f"pageTracker.view('{site.host}/named')")
    visitor.wait_for("2", "[data-site-views]")

    assert tracker.views(page) == 1
    assert tracker.views(f"{site.host}/named") == 1

    visitor.run("history.pushState(0, '', '/later')")
    visitor.run("document.body.innerHTML = '<p data-page-views>-</p>'")
    visitor.settle(tracker)

    # The numbers are those of the page before.
    assert visitor.text() == "-"


def test_should_send_only_the_parts_that_name_pages(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script("data-query=p,id data-hash") + NUMBERS)
    visitor.open(f"{page}?p=1?2&x=2")
    visitor.wait_for("1", "[data-site-views]")

    for change in (
        "?x=3&p=1?2",
        "?p=1?2#heading",
        "?id=2&p=1",
        "?p=1#/route?token=secret",
        "?p=1#/route?token=other",
    ):
        visitor.run(f"history.pushState(0, '', '/{change}')")
        visitor.settle(tracker)

    asked = [url.split("%2F", 1)[1] for url in visitor.requested_urls("/hit.")]
    assert asked == ["%3Fp%3D1%3F2", "%3Fid%3D2%26p%3D1", "%3Fp%3D1%23%2Froute"]


def test_should_name_the_page_by_its_canonical_link(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    link = f"<link rel=canonical href='//www.{site.host}/canonical'>"
    page = site.add("/", link + tracker.script() + NUMBERS)
    visitor.open(page)
    visitor.wait_for("1")

    visitor.run("history.pushState(0, '', '/other')")
    visitor.settle(tracker)

    assert tracker.views(f"www.{site.host}/canonical") == 1
    assert tracker.views(f"{site.url}/other") == 1
    assert tracker.views(page) == 0


@pytest.mark.parametrize("start", ["", "archive//{site}/", "?from=//{site}/"])
def test_should_ignore_the_canonical_link_of_another_site(
    reader: Reader, tracker: Tracker, site: Site, start: str
) -> None:
    path = start.format(site=site.host)
    link = f"<link rel=canonical href='https://other.example/{path}'>"
    page = site.add("/", link + tracker.script() + NUMBERS)

    reader.open(page)

    reader.wait_for("1")
    assert tracker.views(page) == 1


@pytest.mark.parametrize(
    "host, views",
    [
        ("127.0.0.1", 0),
        ("0.0.0.0", 0),
        ("a.localhost", 0),
        ("a.test", 0),
        ("127.0.0.1.example", 1),
        ("a.example", 1),
    ],
)
def test_should_count_public_sites_only(
    visitor: Visitor, tracker: Tracker, site: Site, host: str, views: int
) -> None:
    site.add("/", tracker.plain_script() + NUMBERS)
    page = f"http://{host}:{site.port}/"

    visitor.open(page)

    visitor.wait_for(f"{views}")
    assert tracker.views(page) == views


def test_should_hide_numbers_that_the_tracker_does_not_know(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    places = (
        "<p id=busuanzi_container_page_uv>by <i id=busuanzi_value_page_uv>-</i></p>"
        "<p id=busuanzi_today_pv>-</p><p id=busuanzi_today_uv>-</p>"
    )
    reader.open(site.add("/", tracker.script() + places))

    reader.wait_for("1", "#busuanzi_today_uv")

    assert not reader.is_visible("#busuanzi_container_page_uv")
    assert not reader.is_visible("#busuanzi_today_pv")
