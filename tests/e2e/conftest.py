"""The tracker that the end-to-end tests share."""

from collections.abc import Iterator

import pytest

from tests.servers import PAGE_TRACKER, TrackerServer


@pytest.fixture(name="app_url", scope="session")
def fixture_app_url(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """The address of the tracker that is named, or else of one on a Redis."""
    named: str | None = pytestconfig.getoption("--app-url")
    if named:
        yield named.rstrip("/")
        return
    tracker = TrackerServer(
        PAGE_TRACKER,
        log=tmp_path_factory.mktemp("tracker") / "log",
        variables={"REDIS_URL": request.getfixturevalue("redis_url")},
    )
    yield tracker.address()
    tracker.stop()
