"""A tracker for all tests, and a new browser and new sites for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from page_tracker import open_backend
from tests.browser.owner import TOKEN, Owner, count_some
from tests.browser.reader import Reader, Tracker
from tests.browser.site import Site
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


@pytest.fixture(name="reader")
def fixture_reader(tmp_path: Path) -> Iterator[Reader]:
    """A browser with an empty profile."""
    reader = Reader(tmp_path / "profile")
    yield reader
    reader.quit()


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


@pytest.fixture(name="counted_at", scope="session")
def fixture_counted_at(start_redis: StartRedis) -> str:
    """The URL of a Redis that contains the sample counts."""
    url = start_redis().url
    count_some(open_backend(url))
    return url


@pytest.fixture(name="owned_tracker", scope="session")
def fixture_owned_tracker(
    counted_at: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a tracker with a token, a base path and the sample counts."""
    server = TrackerServer(
        [*PAGE_TRACKER, "--port", "0"],
        log=tmp_path_factory.mktemp("owned-tracker") / "log",
        variables={
            "REDIS_URL": counted_at,
            "PAGE_TRACKER_TOKEN": TOKEN,
            "PAGE_TRACKER_BASE_PATH": "/counter",
        },
    )
    yield f"{server.address()}/counter"
    server.stop()


@pytest.fixture(name="lasting_browser", scope="session")
def fixture_lasting_browser(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Reader]:
    """A browser for all dashboard tests. The dashboard stores nothing in it."""
    reader = Reader(tmp_path_factory.mktemp("browser") / "profile")
    yield reader
    reader.quit()


@pytest.fixture(name="browser")
def fixture_browser(lasting_browser: Reader) -> Iterator[Reader]:
    """The shared browser, with a desktop screen and a blank page."""
    lasting_browser.emulate_screen(1280, 900)
    lasting_browser.console_messages()
    yield lasting_browser
    lasting_browser.open("about:blank")


@pytest.fixture(name="owner")
def fixture_owner(browser: Reader, owned_tracker: str) -> Owner:
    """The owner of the tracker with the sample counts."""
    return Owner(browser, owned_tracker)
