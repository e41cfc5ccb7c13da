"""A site that everybody may see, also in a frame."""

from collections.abc import Iterator

import pytest

from tests.browser.owner import SITE, TOKEN, Owner
from tests.browser.reader import Reader
from tests.browser.site import Site
from tests.servers import PAGE_TRACKER, TrackerServer

WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(name="framing_site", scope="module")
def fixture_framing_site() -> Iterator[Site]:
    """A site that may frame the shared page."""
    with Site() as site:
        yield site


@pytest.fixture(name="public", scope="module")
def fixture_public(
    sample_redis_url: str,
    framing_site: Site,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The URL of a tracker that shows a site to everybody."""
    server = TrackerServer(
        [*PAGE_TRACKER, "--port", "0"],
        log=tmp_path_factory.mktemp("public-tracker") / "log",
        variables={
            "REDIS_URL": sample_redis_url,
            "PAGE_TRACKER_TOKEN": TOKEN,
            "PAGE_TRACKER_PUBLIC": SITE,
            "PAGE_TRACKER_FRAMES": framing_site.url,
        },
    )
    yield server.address()
    server.stop()


def page_with_frame(site: Site, url: str) -> str:
    """Return the URL of a page of the site that frames another page."""
    return site.add("/frame", f'<iframe src="{url}" width="600" height="800"></iframe>')


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_should_show_a_public_site_to_everybody(
    browser: Reader, public: str, width: int
) -> None:
    browser.emulate_screen(width, 900)
    everybody = Owner(browser, public)
    browser.open(f"{public}/shared#site={SITE}")

    browser.wait_for("Live", "#status")
    everybody.wait_for_pages()
    assert everybody.texts("#site-name") == [SITE]
    assert everybody.tiles()["Views"]
    assert browser.value(WIDTH) == width
    assert browser.console_messages() == []


def test_should_show_no_other_site(browser: Reader, public: str) -> None:
    browser.open(f"{public}/shared#site=moving.example")

    browser.wait_for("Not shown", "#status")


def test_should_be_framed_by_the_pages_that_may(
    browser: Reader, public: str, framing_site: Site
) -> None:
    browser.open(page_with_frame(framing_site, f"{public}/shared#site={SITE}"))
    browser.enter_frame("iframe")

    browser.wait_for("Live", "#status")
    browser.wait_for(SITE, "#site-name")
    browser.leave_frame()


@pytest.mark.parametrize("path", ["/shared", "/dashboard"])
def test_should_not_be_framed_by_other_pages(
    browser: Reader, public: str, site: Site, framing_site: Site, path: str
) -> None:
    framing = site if path == "/shared" else framing_site
    browser.open(page_with_frame(framing, f"{public}{path}#site={SITE}"))
    browser.enter_frame("iframe")

    assert browser.value("document.querySelector('#status')") is None
    browser.leave_frame()
    browser.console_messages()
