"""Options of the test run, and fixtures that start servers."""

import os
import signal
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, nan
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from redis import Redis

from page_tracker import Page
from tests import watchdog
from tests.servers import PAGE_TRACKER, RedisServer, TrackerServer, redis_servers

# The key of the known sites, whose number is limited.
_SITES = "{page_views}:sites"

_MOST_CORES = 8

# On a busy machine, an example may take longer than the default of 200 ms.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

SHOWN = "shown at the end of the run"
"""The name under which a test records a text (record_property) for people to see."""

StartRedis = Callable[..., RedisServer]
StartTracker = Callable[..., TrackerServer]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options for the servers to test and for the time limit of the run."""
    parser.addoption(
        "--redis-url",
        help="test with this Redis, which nothing else may use during the run "
        "(default: start one)",
    )
    parser.addoption(
        "--app-url",
        "--flask-url",  # its name in the tutorial that the project began as
        help="test this tracker, which nothing else may use during the run "
        "(default: start one)",
    )
    parser.addoption(
        "--run-timeout",
        type=_seconds,
        default=900,
        metavar="SECONDS",
        help="kill the run after this time; 0 means never (default: %(default)s)",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = nan
    if not 0 <= seconds < inf:
        raise ArgumentTypeError(f"{text} is not allowed; allowed: 0 or more seconds")
    return seconds


def pytest_configure(config: pytest.Config) -> None:
    """Start a watchdog that kills leftover processes, and the run if it hangs."""
    # In the background of a shell, pytest ignores SIGINT. The processes that the tests
    # start and interrupt would inherit this.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):  # a process of xdist
        watchdog.watch(os.getpid())
    else:
        debugged = config.getoption("usepdb")
        limit_s = 0 if debugged else config.getoption("--run-timeout")
        config.add_cleanup(watchdog.Watchdog(limit_s).end)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have recorded under SHOWN, whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == SHOWN:
                terminalreporter.write_line(f"\n{text}")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use one process if the tests share a named server, or take only seconds."""
    named = config.getoption("--redis-url") or config.getoption("--app-url")
    paths = [Path(each.split("::")[0]) for each in config.args]
    if named or any(p.suffix == ".py" or p.name == "containers" for p in paths):
        return 0
    # It takes longer to start processes than to run all unit tests.
    if all("unit" in path.parts for path in paths):
        return 0
    cores = min(os.cpu_count() or 1, _MOST_CORES)
    # Browsers need the CPU. Other tests mostly wait.
    return cores if any(path.name == "browser" for path in paths) else 2 * cores


@pytest.fixture(name="page")
def fixture_page() -> Page:
    """A page of a new site without counts."""
    return Page(site=f"{uuid4()}.example", path="/")


@pytest.fixture(name="start_redis", scope="session")
def fixture_start_redis(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartRedis]:
    """Return a function that starts a Redis, which stops at the end of the run."""
    started = []

    def start(*options: str, name: str = list(redis_servers())[0]) -> RedisServer:
        folder = tmp_path_factory.mktemp(name)
        server = RedisServer(redis_servers()[name], folder, *options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(name="redis_url", scope="session")
def fixture_redis_url(
    pytestconfig: pytest.Config, start_redis: StartRedis
) -> Iterator[str]:
    """The URL of the shared Redis. A Redis from --redis-url is restored at the end."""
    named: str | None = pytestconfig.getoption("--redis-url")
    if not named:
        yield start_redis().url
        return
    with Redis.from_url(named) as client:
        before, sites = client.get("page_views"), client.smembers(_SITES)
        yield named
        if added := client.smembers(_SITES) - sites:
            client.srem(_SITES, *added)
        client.delete("page_views")
        if before is not None:
            client.set("page_views", before)


@pytest.fixture(name="redis_client")
def fixture_redis_client(redis_url: str) -> Iterator[Redis]:
    """A client of the shared Redis."""
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(name="own_redis")
def fixture_own_redis(start_redis: StartRedis) -> Iterator[RedisServer]:
    """A Redis for one test only, which may change or kill it.

    What it has confirmed is in its file, and survives a kill. With everysec, Redis
    confirms before it writes while an earlier fsync goes on, for up to two seconds.
    """
    server = start_redis("--appendfsync", "no")
    yield server
    server.kill()


@pytest.fixture(name="advised_redis")
def fixture_advised_redis(start_redis: StartRedis) -> RedisServer:
    """A Redis for one test only, with the settings that the tracker advises."""
    return start_redis()


@pytest.fixture(name="start_tracker")
def fixture_start_tracker(tmp_path: Path) -> Iterator[StartTracker]:
    """Return a function that starts a tracker, which stops at the end of the test."""
    with _trackers(tmp_path) as start:
        yield start


@pytest.fixture(name="start_shared_tracker", scope="module")
def fixture_start_shared_tracker(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartTracker]:
    """Return a function that starts a tracker for all tests of a module.

    The tests must not stop it, and each must use pages that no other test uses.
    """
    with _trackers(tmp_path_factory.mktemp("trackers")) as start:
        yield start


@contextmanager
def _trackers(folder: Path) -> Iterator[StartTracker]:
    """Return a function that starts a tracker, which stops at the end of the block."""
    started: list[TrackerServer] = []

    def start(
        *options: str,
        command: tuple[str, ...] = PAGE_TRACKER,
        in_terminal: bool = False,
        **variables: str,
    ) -> TrackerServer:
        log = folder / f"tracker-{len(started)}.log"
        tracker = TrackerServer(
            [*command, *options], log, variables, in_terminal=in_terminal
        )
        started.append(tracker)
        return tracker

    try:
        yield start
    finally:
        for tracker in started:
            tracker.stop()
