"""The script counts where browsers and pages allow it little, and breaks no page."""

import signal

import pytest
import requests

from tests.browser.reader import NUMBERS, Reader, Tracker
from tests.browser.site import Site
from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.servers import RedisServer, wait_until

pytestmark = pytest.mark.timeout(120)

IMAGES_ALONE = "script-src {url}; img-src {url}; connect-src 'none'"
NOTE_VIOLATIONS = """
violations = [];
addEventListener("securitypolicyviolation", e => {
    if (e.blockedURI.includes("/hit.")) violations.push(e.effectiveDirective);
});
"""
# Without it, a page hears nothing of promises that scripts of other origins break.
TELLING = "defer crossorigin"
STORAGE = "(() => { try { return !!localStorage } catch (e) { return e.name } })()"
RESPONSE = (
    "performance.getEntriesByType('resource')"
    ".find(e => e.name.includes('/hit.json'))?.responseStatus"
)


def can_count(tracker: Tracker) -> bool:
    """Tell whether the tracker has numbers now."""
    url = f"{tracker.url}/views.json?page=example.com"
    return requests.get(url, timeout=TIMEOUT_S).ok


class TestFrames:
    """Pages in pages."""

    def test_should_count_a_page_once_that_frames_itself(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        frame = '<iframe src="/?framed"></iframe>'
        page = site.add("/", tracker.script() + NUMBERS + frame)

        reader.open(page)

        reader.wait_for("1")
        reader.settle(tracker)
        assert "/?framed" in site.asked
        assert tracker.views(page) == 1

    def test_should_count_no_page_that_another_of_its_site_frames(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        frame = '<iframe src="/inner"></iframe>'
        outer = site.add("/outer", tracker.script() + NUMBERS + frame)
        inner = site.add("/inner", tracker.script() + NUMBERS)

        reader.open(outer)

        reader.wait_for("1")
        reader.enter("iframe")
        reader.wait_for("0")
        reader.leave()
        reader.settle(tracker)
        assert (tracker.views(outer), tracker.views(inner)) == (1, 0)

    def test_should_count_a_page_that_another_site_frames(
        self, reader: Reader, tracker: Tracker, site: Site, other_site: Site
    ) -> None:
        inner = site.add("/", tracker.script() + NUMBERS)
        outer = other_site.add("/", f'<iframe src="{inner}"></iframe>')

        reader.open(outer)

        reader.enter("iframe")
        reader.wait_for("1")
        reader.leave()
        reader.settle(tracker)
        assert (tracker.views(outer), tracker.views(inner)) == (0, 1)

    @pytest.mark.parametrize("fragment, views", [("", 1), ("#no-count", 0)])
    def test_should_heed_a_page_whose_browser_stores_nothing(
        self, reader: Reader, tracker: Tracker, site: Site, fragment: str, views: int
    ) -> None:
        inner = site.add("/", tracker.script() + NUMBERS)
        frame = f'<iframe sandbox="allow-scripts" src="{inner}{fragment}"></iframe>'

        reader.open(site.add("/outer", frame))

        reader.enter("iframe")
        assert reader.value(STORAGE) == "SecurityError"
        reader.wait_for(f"{views}")
        reader.leave()
        reader.settle(tracker)
        assert tracker.views(inner) == views


def add_page_of_images_alone(site: Site, tracker: Tracker) -> str:
    """Add a page that may load images and nothing else; return its address."""
    policy = IMAGES_ALONE.format(url=tracker.url)
    return site.add("/", tracker.script() + NUMBERS, Content_Security_Policy=policy)


class TestContentSecurityPolicies:
    """Pages that may not ask everything of everybody."""

    def test_should_count_once_with_an_image_when_it_may_not_fetch(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_of_images_alone(site, tracker)

        reader.open(page)

        reader.settle(tracker)
        assert tracker.views(page) == 1
        assert reader.text() == ""

    def test_should_count_the_pages_of_a_script_with_images_too(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_of_images_alone(site, tracker)
        reader.open(page)

        for path in ("/second", "/", "/second", "/"):
            reader.run(f"history.pushState({{}}, '', '{path}')")
            reader.settle(tracker)

        assert tracker.views(page) == 3
        assert tracker.views(f"{site.url}/second") == 2

    def test_should_ask_for_an_image_once_when_it_may_not_show_any(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        policy = f"script-src {tracker.url}; img-src 'none'; connect-src 'none'"
        reader.open(site.add("/", tracker.script(), Content_Security_Policy=policy))
        reader.settle(tracker)

        reader.run(NOTE_VIOLATIONS)
        reader.run("history.pushState({}, '', '/data.json')")

        wait_until(lambda: reader.value("violations.length") == 2, "both violations")
        reader.settle(tracker)
        assert reader.value("violations") == ["connect-src", "img-src"]

    def test_should_count_no_image_when_not_to_be_counted(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_of_images_alone(site, tracker)

        reader.open(f"{page}#no-count")

        reader.settle(tracker)
        assert tracker.views(page) == 0

    def test_should_count_once_when_two_policies_forbid_to_fetch(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        policy = IMAGES_ALONE.format(url=tracker.url)
        page = site.add(
            "/",
            f"<meta http-equiv='Content-Security-Policy' content=\"{policy}\">"
            + tracker.script()
            + NUMBERS,
            Content_Security_Policy=policy,
        )

        reader.open(page)

        reader.settle(tracker)
        assert tracker.views(page) == 1

    def test_should_count_once_when_a_policy_reports_and_forbids_nothing(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = site.add(
            "/",
            tracker.script() + NUMBERS,
            Content_Security_Policy_Report_Only="connect-src 'none'",
        )

        reader.open(page)

        reader.wait_for("1")
        reader.settle(tracker)
        assert tracker.views(page) == 1


class TestFailures:
    """A tracker that does not count now."""

    def test_should_leave_a_page_alone_when_the_tracker_cannot_count(
        self,
        own_redis: RedisServer,
        start_tracker: StartTracker,
        reader: Reader,
        site: Site,
    ) -> None:
        server = start_tracker(REDIS_URL=own_redis.url, WEB_CONCURRENCY="1")
        tracker = Tracker(server.address())
        page = site.add("/", tracker.script(TELLING) + "<p data-page-views>-</p>")
        own_redis.kill()

        reader.open(page)
        reader.wait_for_value(503, RESPONSE)
        assert reader.text() == "-"
        assert reader.errors() == []

        own_redis.start()
        wait_until(lambda: can_count(tracker), "the tracker to count again")
        assert tracker.views(page) == 0
        reader.open(page)
        reader.wait_for("1")
        reader.settle(tracker)
        assert tracker.views(page) == 1

    def test_should_leave_a_page_alone_when_the_tracker_is_gone(
        self, start_tracker: StartTracker, reader: Reader, site: Site
    ) -> None:
        server = start_tracker(REDIS_URL="memory://")
        tracker = Tracker(server.address())
        reader.open(site.add("/", tracker.script(TELLING) + NUMBERS))
        reader.wait_for("1")
        server.send_to_all(signal.SIGKILL)

        reader.run("history.pushState({}, '', '/second')")

        reader.settle(tracker)
        assert reader.text() == "1"
        assert reader.errors() == []
