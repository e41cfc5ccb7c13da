"""The tracker that the tests share, and for each its own browser and sites."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.reader import Reader, Tracker
from tests.browser.site import Site
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
