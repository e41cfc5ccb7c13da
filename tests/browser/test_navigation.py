"""The script counts views in single-page apps and of prerendered pages."""

from tests.browser.reader import NUMBERS, SITE_VIEWS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker
from tests.servers import wait_until

ELSEWHERE = """(() => {
    try { history.pushState({}, "", "https://other.example/"); }
    catch (error) { return error.name; }
})()"""
START = """<script type="speculationrules">
{"prerender": [{"urls": ["/next"], "eagerness": "immediate"}]}
</script>
<a href="/next">Next</a>"""
NEXT = """<script>
addEventListener("DOMContentLoaded", () => {
    fetch(`/has-run?prerendering=${document.prerendering}`);
});
</script>"""


# Holds back each response until the test releases it.
HOLD_ANSWERS = """<script>
var held = [], ask = fetch;
fetch = (...asked) => ask(...asked).then(
    answer => new Promise(go => held.push(() => go(answer)))
);
</script>"""


def open_first(reader: Reader, tracker: Tracker, site: Site, path: str) -> str:
    """Open a new page, wait for its number, and return its URL."""
    page = site.add(path, tracker.script() + NUMBERS)
    reader.open(page)
    reader.wait_for("1")
    return page


class TestSinglePageApps:
    """Pages that change their URL without loading a document."""

    def test_should_count_pushed_pages_and_returns_to_them(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        first = open_first(reader, tracker, site, "/first")

        reader.run("history.pushState({}, '', '/second'); document.title = 'B'")
        reader.settle(tracker)
        assert tracker.views(f"{site.url}/second") == 1
        assert tracker.views(first) == 1

        reader.run("history.back()")
        reader.wait_for("2")
        reader.run("history.forward()")
        reader.wait_for_value("/second", "location.pathname")
        reader.wait_for("2")
        reader.settle(tracker)
        assert tracker.views(first) == 2
        assert tracker.views(f"{site.url}/second") == 2

    def test_should_count_a_page_that_replaces_another(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        first = open_first(reader, tracker, site, "/first")

        reader.run("history.replaceState({}, '', '/second')")
        reader.wait_for("2", SITE_VIEWS)
        reader.settle(tracker)

        assert tracker.views(first) == 1
        assert tracker.views(f"{site.url}/second") == 1

    def test_should_not_count_when_only_query_or_fragment_changes(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = open_first(reader, tracker, site, "/")

        for change in (
            "history.pushState({}, '', '?query')",
            "history.pushState({}, '', '#fragment')",
            "history.pushState({}, '')",
            "history.replaceState({}, '', '/?other#other')",
            "location.hash = 'another'",
            "history.back()",
        ):
            reader.run(change)
            reader.settle(tracker)

        assert tracker.views(page) == 1
        assert reader.text() == "1"

    def test_should_not_show_the_numbers_of_a_page_that_was_left(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        reader.open(site.add("/", HOLD_ANSWERS + tracker.script() + NUMBERS))
        reader.wait_for_value(1, "held.length")
        reader.run("history.pushState({}, '', '/second')")
        reader.wait_for_value(2, "held.length")

        reader.run("held[1]()")
        reader.wait_for("2", SITE_VIEWS)
        reader.run("held[0]()")
        reader.settle(tracker)

        assert reader.text(SITE_VIEWS) == "2"

    def test_should_not_change_the_behavior_of_the_history(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        open_first(reader, tracker, site, "/")

        reader.run("history.pushState({mine: 1}, '', '/second')")

        assert reader.value("history.state") == {"mine": 1}
        assert reader.value("location.pathname") == "/second"
        assert reader.value(ELSEWHERE) == "SecurityError"


def test_should_count_a_page_that_is_left_immediately(
    reader: Reader, tracker: Tracker, site: Site
) -> None:
    leave = "<script>location = '/second'</script>"
    page = site.add("/", tracker.script("") + leave)
    site.add("/second", "The second")

    reader.open(page)

    reader.wait_for_value("/second", "location.pathname")
    wait_until(lambda: tracker.views(page) == 1, "the view")
    reader.settle(tracker)
    assert tracker.views(page) == 1


class TestPrerendering:
    """Pages that the browser loads before the visitor opens them."""

    def test_should_count_a_prefetched_page_when_it_is_opened(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        following = site.add("/next", tracker.script() + NUMBERS)
        reader.open(site.add("/", START.replace("prerender", "prefetch")))

        wait_until(lambda: "/next" in site.requests, "the page to be prefetched")
        reader.settle(tracker)
        assert tracker.views(following) == 0

        reader.click("a")
        reader.wait_for("1")
        reader.settle(tracker)
        assert tracker.views(following) == 1
        assert site.requests.count("/next") == 1

    def test_should_count_a_prerendered_page_when_it_is_opened(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        following = site.add("/next", tracker.script() + NUMBERS + NEXT)
        reader.open(site.add("/", START))

        wait_until(
            lambda: "/has-run?prerendering=true" in site.requests,
            "the page to be prerendered",
        )
        reader.settle(tracker)
        assert tracker.views(following) == 0

        reader.click("a")
        reader.wait_for_value("/next", "location.pathname")
        reader.wait_for("1")
        reader.settle(tracker)
        assert tracker.views(following) == 1
        assert reader.value(
            "performance.getEntriesByType('navigation')[0].activationStart > 0"
        )
        assert site.requests.count("/next") == 1
