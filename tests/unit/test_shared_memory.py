"""What the master of a server imports, and what its workers then share."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

_TIMEOUT_S = 60

# Configures a server as the master does. Then it does what a worker does, up to the
# first answer, which is an error if there is no Redis.
_START = """
import json, os, sys, warnings
from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings

settings = Settings.read(os.environ)
worker_class = configuration(settings)["worker_class"]
of_master = sorted(sys.modules)

from gevent import monkey
warnings.simplefilter("ignore")
monkey.patch_all()
originals = [item for items in monkey.saved.values() for item in items.values()]
names = [
    f"{module}.{name}"
    for module in of_master
    if module.partition(".")[0] in ("page_tracker", "redis", "apsw", "ada_url")
    for name, item in vars(sys.modules[module]).items()
    if callable(item) and any(item is original for original in originals)
]

from wsgiref.util import setup_testing_defaults
from page_tracker.app import create_app_from
environ = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"}
setup_testing_defaults(environ)
answers = []
for path in "/", "/hit.json", "/views.json", "/hit.svg":
    environ |= {"PATH_INFO": path, "QUERY_STRING": "page=example.com/"}
    tracker = create_app_from(settings)
    list(tracker(environ, lambda status, headers: answers.append(status)))
of_worker = sorted(sys.modules.keys() - set(of_master))
print(json.dumps([of_master, of_worker, names, answers]))
sys.stdout.flush()
os._exit(0)
"""

# These names of libraries are originals on purpose: the tracker has no pauses between
# the attempts of the library, and no client that is asynchronous or has a queue.
_UNUSED = {
    "redis.retry.sleep",
    "redis.connection.LifoQueue",
    "redis.asyncio.connection.SSLContext",
}


class Started(NamedTuple):
    """What a server has imported, and how it has answered."""

    of_master: list[str]
    of_worker: list[str]
    names: list[str]
    """The names in modules of the master for what gevent has replaced elsewhere."""

    answers: list[str]


def start(url: str, deadline_s: float) -> Started:
    """Start a server in a process of its own, and let it answer."""
    done = subprocess.run(
        (sys.executable, "-c", _START),
        env={"PAGE_TRACKER_BACKEND": url, "PAGE_TRACKER_DEADLINE": str(deadline_s)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Started(*json.loads(done.stdout))


@pytest.fixture(name="with_redis", scope="module")
def fixture_with_redis() -> Started:
    """Return a server whose Redis does not answer."""
    return start("redis://127.0.0.1:1", 0.1)


@pytest.fixture(name="with_sqlite", scope="module")
def fixture_with_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """Return a server that counts in a file."""
    file = tmp_path_factory.mktemp("shared") / "counts.db"
    return start(f"sqlite:{file}", _TIMEOUT_S)


@pytest.fixture(name="started", params=["with_redis", "with_sqlite"])
def fixture_started(request: pytest.FixtureRequest) -> Started:
    """Return each of these servers."""
    started: Started = request.getfixturevalue(request.param)
    return started


def packages(modules: list[str]) -> set[str]:
    """Return the names of the packages at the top."""
    return {module.partition(".")[0] for module in modules}


def test_should_answer_with_what_is_imported(
    with_redis: Started, with_sqlite: Started
) -> None:
    assert with_sqlite.answers == ["200 OK"] * 4
    assert with_redis.answers[1] == "503 Service Unavailable"


def test_should_leave_nothing_to_import_to_each_worker(started: Started) -> None:
    assert packages(started.of_worker).isdisjoint(
        {"page_tracker", "redis", "apsw", "asyncio", "crawleruseragents"}
    )


def test_should_import_the_storage_in_use_only(
    with_redis: Started, with_sqlite: Started
) -> None:
    redis, sqlite = packages(with_redis.of_master), packages(with_sqlite.of_master)
    assert "redis" in redis and "apsw" not in redis
    assert "apsw" in sqlite and "redis" not in sqlite and "asyncio" not in sqlite


@pytest.mark.parametrize(
    "module",
    [
        *("click", "ijson", "prometheus_client", "sqlite3", "urllib.request"),
        *("page_tracker.cli", "page_tracker.reports", "page_tracker.transfer"),
        *("page_tracker.gunicorn_conf", "multiprocessing", "xml", "unittest"),
    ],
)
def test_should_import_nothing_that_answers_do_not_need(
    started: Started, module: str
) -> None:
    assert module not in started.of_master + started.of_worker


def test_should_call_nothing_that_stops_all_greenlets(started: Started) -> None:
    # gevent replaces time.sleep, for example, but no name that was imported before.
    assert set(started.names) <= _UNUSED


def test_should_notice_such_a_name(with_redis: Started) -> None:
    assert "redis.retry.sleep" in with_redis.names
