"""The script counts despite frames, policies and failures, and breaks no page."""

import signal

import pytest
import requests

from tests.browser.reader import NUMBERS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker, Visitor
from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.servers import RedisServer, wait_until

NO_FETCH = "script-src {url}; img-src {url}; connect-src 'none'"
RECORD_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", e => {
    if (e.blockedURI.includes("/hit.")) window.violations.push(e.effectiveDirective);
});
"""
# Without crossorigin, rejected promises of cross-origin scripts cause no event.
REPORTING_ERRORS = "defer crossorigin"
STORAGE = "(() => { try { return !!localStorage } catch (e) { return e.name } })()"
RESPONSE = (
    "performance.getEntriesByType('resource')"
    ".find(e => e.name.includes('/hit.json'))?.responseStatus"
)


def can_count(tracker: Tracker) -> bool:
    """Return whether the tracker can read its counts."""
    url = f"{tracker.url}/views.json?page=example.com"
    return requests.get(url, timeout=TIMEOUT_S).ok


class TestFrames:
    """Framed pages."""

    def test_should_count_a_page_that_frames_itself_once(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        frame = '<iframe src="/?framed"></iframe>'
        page = site.add("/", tracker.script() + NUMBERS + frame)

        reader.open(page)

        reader.wait_for("1")
        reader.settle(tracker)
        assert "/?framed" in site.requests
        assert tracker.views(page) == 1

    def test_should_not_count_a_page_framed_by_its_own_site(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        frame = '<iframe src="/inner"></iframe>'
        outer = site.add("/outer", tracker.script() + NUMBERS + frame)
        inner = site.add("/inner", tracker.script() + NUMBERS)

        reader.open(outer)

        reader.wait_for("1")
        reader.enter_frame("iframe")
        reader.wait_for("0")
        reader.leave_frame()
        reader.settle(tracker)
        assert (tracker.views(outer), tracker.views(inner)) == (1, 0)

    def test_should_count_a_page_framed_by_another_site(
        self, reader: Reader, tracker: Tracker, site: Site, other_site: Site
    ) -> None:
        inner = site.add("/", tracker.script() + NUMBERS)
        outer = other_site.add("/", f'<iframe src="{inner}"></iframe>')

        reader.open(outer)

        reader.enter_frame("iframe")
        reader.wait_for("1")
        reader.leave_frame()
        reader.settle(tracker)
        assert (tracker.views(outer), tracker.views(inner)) == (0, 1)

    @pytest.mark.parametrize("fragment, views", [("", 1), ("#no-count", 0)])
    def test_should_respect_the_fragment_without_local_storage(
        self, reader: Reader, tracker: Tracker, site: Site, fragment: str, views: int
    ) -> None:
        inner = site.add("/", tracker.script() + NUMBERS)
        frame = f'<iframe sandbox="allow-scripts" src="{inner}{fragment}"></iframe>'

        reader.open(site.add("/outer", frame))

        reader.enter_frame("iframe")
        assert reader.value(STORAGE) == "SecurityError"
        reader.wait_for(f"{views}")
        reader.leave_frame()
        reader.settle(tracker)
        assert tracker.views(inner) == views


def add_page_without_fetch(site: Site, tracker: Tracker) -> str:
    """Add a page whose policy allows images but not fetch(), and return its URL."""
    policy = NO_FETCH.format(url=tracker.url)
    return site.add("/", tracker.script() + NUMBERS, Content_Security_Policy=policy)


class TestContentSecurityPolicies:
    """Pages with a Content Security Policy."""

    def test_should_count_once_with_an_image_when_fetch_is_blocked(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_without_fetch(site, tracker)

        reader.open(page)

        reader.settle(tracker)
        assert tracker.views(page) == 1
        assert reader.text() == ""

    def test_should_count_pages_of_a_single_page_app_with_images(
        self, visitor: Visitor, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_without_fetch(site, tracker)
        visitor.open(page)

        for path in ("/it's", "/", "/it's", "/"):
            visitor.run(f'history.pushState({{}}, "", "{path}")')
            visitor.settle(tracker)

        assert tracker.views(page) == 3
        assert tracker.views(f"{site.url}/it's") == 2

    def test_should_request_one_image_when_images_are_blocked(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        policy = f"script-src {tracker.url}; img-src 'none'; connect-src 'none'"
        reader.open(site.add("/", tracker.script(), Content_Security_Policy=policy))
        reader.settle(tracker)

        reader.run(RECORD_VIOLATIONS)
        reader.run("history.pushState({}, '', '/data.json')")

        wait_until(
            lambda: reader.value("window.violations.length") == 2, "both violations"
        )
        reader.settle(tracker)
        assert reader.value("window.violations") == ["connect-src", "img-src"]

    def test_should_not_count_with_an_image_after_opting_out(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        page = add_page_without_fetch(site, tracker)

        reader.open(f"{page}#no-count")

        reader.settle(tracker)
        assert tracker.views(page) == 0

    def test_should_count_once_when_two_policies_block_fetch(
        self, reader: Reader, tracker: Tracker, site: Site
    ) -> None:
        policy = NO_FETCH.format(url=tracker.url)
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

    def test_should_count_once_with_a_report_only_policy(
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
    """A tracker that cannot count."""

    def test_should_cause_no_error_when_the_tracker_cannot_count(
        self,
        own_redis: RedisServer,
        start_tracker: StartTracker,
        reader: Reader,
        site: Site,
    ) -> None:
        server = start_tracker(REDIS_URL=own_redis.url, WEB_CONCURRENCY="1")
        tracker = Tracker(server.address())
        page = site.add(
            "/", tracker.script(REPORTING_ERRORS) + "<p data-page-views>-</p>"
        )
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

    def test_should_cause_no_error_when_the_tracker_is_down(
        self, start_tracker: StartTracker, reader: Reader, site: Site
    ) -> None:
        server = start_tracker(REDIS_URL="memory://")
        tracker = Tracker(server.address())
        reader.open(site.add("/", tracker.script(REPORTING_ERRORS) + NUMBERS))
        reader.wait_for("1")
        server.send_to_all(signal.SIGKILL)

        reader.run("history.pushState({}, '', '/second')")

        reader.settle(tracker)
        assert reader.text() == "1"
        assert reader.errors() == []
