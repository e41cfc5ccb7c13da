"""The tracker that all end-to-end tests use."""

from collections.abc import Iterator

import pytest

from tests.servers import PAGE_TRACKER, TrackerServer


@pytest.fixture(name="app_url", scope="session")
def fixture_app_url(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """The URL from --app-url, or that of a new tracker on Redis."""
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
