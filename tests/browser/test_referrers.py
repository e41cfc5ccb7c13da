"""The script says which host the reader came from."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.reader import NUMBERS, SITE_VIEWS, Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker, Visitor

NO_FETCH = "script-src {url}; img-src {url}; connect-src 'none'"


def follow_link(visitor: Visitor, start: Site, url: str, **headers: str) -> None:
    """Open a page of a site, and go from there to a URL."""
    visitor.open(start.add("/links", f"<a href='{url}'>", **headers) + "?a=1")
    visitor.run("document.querySelector('a').click()")
    visitor.wait_for_value(url, "location.href")


def sent(visitor: Visitor, path: str = "/hit.") -> list[str | None]:
    """Return the value of "from" in each request of the page for this path."""
    queries = [urlsplit(url).query for url in visitor.requested_urls(path)]
    return [parse_qs(query).get("from", [None])[0] for query in queries]


@pytest.mark.parametrize("policy", ["strict-origin-when-cross-origin", "unsafe-url"])
def test_should_send_the_host_of_another_site_and_nothing_else_of_its_page(
    visitor: Visitor, tracker: Tracker, site: Site, other_site: Site, policy: str
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    follow_link(visitor, other_site, page, Referrer_Policy=policy)

    visitor.wait_for("1")
    assert sent(visitor) == [other_site.host]


def test_should_count_a_view_from_a_host_that_is_no_value_of_a_query(
    reader: Reader, tracker: Tracker, site: Site, other_site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)
    other_site.add("/", f"<a href='{page}'>", Referrer_Policy="unsafe-url")

    reader.open(f"http://a&page=b.example:{other_site.port}/")
    reader.run("document.querySelector('a').click()")

    reader.wait_for("1")
    assert sent(reader) == ["a"]


def test_should_not_send_the_site_itself(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    follow_link(visitor, site, page)

    visitor.wait_for("1")
    assert sent(visitor) == [None]


def test_should_not_send_the_site_itself_if_it_is_left_with_www(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    site.add("/", tracker.script() + NUMBERS)

    follow_link(visitor, site, f"http://www.{site.host}/")

    visitor.wait_for("1")
    assert sent(visitor) == [None]


def test_should_send_nothing_if_the_reader_opens_the_page(
    visitor: Visitor, tracker: Tracker, site: Site
) -> None:
    visitor.open(site.add("/", tracker.script() + NUMBERS))

    visitor.wait_for("1")
    assert sent(visitor) == [None]


def test_should_send_nothing_if_the_other_site_hides_itself(
    visitor: Visitor, tracker: Tracker, site: Site, other_site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS)

    follow_link(visitor, other_site, page, Referrer_Policy="no-referrer")

    visitor.wait_for("1")
    assert sent(visitor) == [None]


def test_should_send_it_only_with_the_first_view_of_an_app(
    visitor: Visitor, tracker: Tracker, site: Site, other_site: Site
) -> None:
    follow_link(visitor, other_site, site.add("/", tracker.script() + NUMBERS))
    visitor.wait_for("1")

    visitor.run("history.pushState(0, '', '/second')")
    visitor.wait_for("2", SITE_VIEWS)
    visitor.run("history.back()")
    visitor.wait_for("3", SITE_VIEWS)

    assert sent(visitor) == [other_site.host, None, None]


def test_should_not_send_it_again_when_the_browser_shows_a_kept_page(
    visitor: Visitor, tracker: Tracker, site: Site, other_site: Site
) -> None:
    follow_link(visitor, other_site, site.add("/", tracker.script() + NUMBERS))
    visitor.wait_for("1")
    visitor.run("window.kept = true")

    visitor.run(f"location = '{site.add('/b', 'B')}'")
    visitor.wait_for_value("/b", "location.pathname")
    visitor.run("history.back()")

    visitor.wait_for("2")
    assert visitor.value("window.kept")
    assert sent(visitor)[-1] is None


def test_should_send_it_with_the_view_that_the_page_asks_for(
    visitor: Visitor, tracker: Tracker, site: Site, other_site: Site
) -> None:
    page = site.add("/", tracker.script("data-auto=false") + NUMBERS)
    follow_link(visitor, other_site, page)
    visitor.wait_for_value("object", "typeof pageTracker")

    visitor.run("pageTracker.view()")
    visitor.wait_for("1")
    visitor.run("pageTracker.view()")
    visitor.wait_for("2")

    assert sent(visitor) == [other_site.host, None]


def test_should_send_nothing_if_the_view_does_not_count(
    reader: Reader, tracker: Tracker, site: Site, other_site: Site
) -> None:
    page = site.add("/", tracker.script("data-count=false") + NUMBERS)

    follow_link(reader, other_site, page)

    reader.wait_for("0")
    assert sent(reader, "/views.json") == [None]


def test_should_send_it_once_if_the_script_is_included_twice(
    reader: Reader, tracker: Tracker, site: Site, other_site: Site
) -> None:
    page = site.add("/", tracker.script() + NUMBERS + tracker.script())

    follow_link(reader, other_site, page)

    reader.wait_for("1")
    reader.settle(tracker)
    assert sent(reader) == [other_site.host]


def test_should_send_it_with_the_image_when_fetch_is_blocked(
    reader: Reader, tracker: Tracker, site: Site, other_site: Site
) -> None:
    policy = NO_FETCH.format(url=tracker.url)
    page = site.add("/", tracker.script(), Content_Security_Policy=policy)

    follow_link(reader, other_site, page)

    reader.settle(tracker)
    assert sent(reader, "/hit.gif") == [other_site.host]
    assert tracker.views(page) == 1
