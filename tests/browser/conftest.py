"""The tracker that the tests share, and for each its own browser and sites."""

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
    """A browser that knows nothing yet."""
    reader = Reader(tmp_path / "profile")
    yield reader
    reader.quit()


@pytest.fixture(name="site")
def fixture_site() -> Iterator[Site]:
    """A site that nothing was ever counted of."""
    with Site() as site:
        yield site


@pytest.fixture(name="other_site")
def fixture_other_site() -> Iterator[Site]:
    """A second one, of another origin."""
    with Site() as site:
        yield site


@pytest.fixture(name="counted_at", scope="session")
def fixture_counted_at(start_redis: StartRedis) -> str:
    """A Redis in which something is counted since long ago."""
    url = start_redis().url
    count_some(open_backend(url))
    return url


@pytest.fixture(name="owned_tracker", scope="session")
def fixture_owned_tracker(
    counted_at: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A tracker that counts there, below a path, and has an owner; its address."""
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
    """A browser that the tests of the dashboard share, which keeps nothing there."""
    reader = Reader(tmp_path_factory.mktemp("browser") / "profile")
    yield reader
    reader.quit()


@pytest.fixture(name="browser")
def fixture_browser(lasting_browser: Reader) -> Iterator[Reader]:
    """The same, on a desk, and with nothing open before and after."""
    lasting_browser.sit_at(1280, 900)
    lasting_browser.complaints()
    yield lasting_browser
    lasting_browser.open("about:blank")


@pytest.fixture(name="owner")
def fixture_owner(browser: Reader, owned_tracker: str) -> Owner:
    """The owner of that tracker."""
    return Owner(browser, owned_tracker)
