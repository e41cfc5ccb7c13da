"""Trackers and browsers for all tests, and new profiles and sites for each test."""

from collections.abc import Iterator

import pytest

from page_tracker import open_backend
from tests.browser.firefox import Firefox
from tests.browser.owner import TOKEN, Owner, add_sample_counts
from tests.browser.reader import Reader
from tests.browser.site import Site
from tests.browser.visitor import Tracker, Visitor
from tests.conftest import StartRedis
from tests.servers import PAGE_TRACKER, TrackerServer


@pytest.fixture(name="tracker", scope="session")
def fixture_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    """A tracker that counts in memory."""
    server = TrackerServer(
        PAGE_TRACKER,
        log=tmp_path_factory.mktemp("tracker") / "log",
        variables={"REDIS_URL": "memory://"},
    )
    yield Tracker(server.address())
    server.stop()


@pytest.fixture(name="chromium", scope="session")
def fixture_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Chromium for all tests. Its start takes longer than most of them."""
    chromium = Reader(tmp_path_factory.mktemp("chromium") / "profile")
    yield chromium
    chromium.quit()


@pytest.fixture(name="reader")
def fixture_reader(chromium: Reader) -> Iterator[Reader]:
    """A browser with an empty profile."""
    chromium.begin_anew()
    yield chromium
    chromium.forget()


@pytest.fixture(name="firefox", scope="session")
def fixture_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Firefox for all tests. Each has a site of its own."""
    firefox = Firefox(tmp_path_factory.mktemp("firefox") / "profile")
    yield firefox
    firefox.quit()


@pytest.fixture(name="visitor", params=["chromium", "firefox"])
def fixture_visitor(request: pytest.FixtureRequest) -> Visitor:
    """A visitor with each of the browsers."""
    name = {"chromium": "reader", "firefox": "firefox"}[request.param]
    visitor: Visitor = request.getfixturevalue(name)
    return visitor


@pytest.fixture(name="site")
def fixture_site() -> Iterator[Site]:
    """A site without counts."""
    with Site() as site:
        yield site


@pytest.fixture(name="other_site")
def fixture_other_site() -> Iterator[Site]:
    """A second site on another origin."""
    with Site() as site:
        yield site


@pytest.fixture(name="sample_redis_url", scope="session")
def fixture_sample_redis_url(start_redis: StartRedis) -> str:
    """The URL of a Redis that contains the sample counts."""
    url = start_redis().url
    add_sample_counts(open_backend(url))
    return url


@pytest.fixture(name="owned_tracker", scope="session")
def fixture_owned_tracker(
    sample_redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a tracker with a token, a base path and the sample counts."""
    server = TrackerServer(
        [*PAGE_TRACKER, "--port", "0"],
        log=tmp_path_factory.mktemp("owned-tracker") / "log",
        variables={
            "REDIS_URL": sample_redis_url,
            "PAGE_TRACKER_TOKEN": TOKEN,
            "PAGE_TRACKER_BASE_PATH": "/counter",
        },
    )
    yield f"{server.address()}/counter"
    server.stop()


@pytest.fixture(name="shared_browser", scope="session")
def fixture_shared_browser(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Reader]:
    """A browser for all dashboard tests. The dashboard stores nothing in it."""
    reader = Reader(tmp_path_factory.mktemp("browser") / "profile")
    yield reader
    reader.quit()


@pytest.fixture(name="browser")
def fixture_browser(shared_browser: Reader) -> Iterator[Reader]:
    """The shared browser, with a desktop screen, English and a blank page."""
    shared_browser.emulate_screen(1280, 900)
    shared_browser.prefer_language("en-US")
    shared_browser.console_messages()
    yield shared_browser
    shared_browser.open("about:blank")


@pytest.fixture(name="owner")
def fixture_owner(browser: Reader, owned_tracker: str) -> Owner:
    """The owner of the tracker with the sample counts."""
    return Owner(browser, owned_tracker)
