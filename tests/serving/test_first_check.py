"""The check of the backend after the start, which warns before the first visitor."""

import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S, view_front_page
from tests.servers import (
    GUNICORN_CONFIGURED,
    PAGE_TRACKER,
    RedisServer,
    TrackerServer,
    free_port,
    wait_until,
)

HOST = "redis-of-the-tests.invalid"

# Python runs this module when it starts. gevent looks up host names in real threads.
SLOW_LOOKUPS = f"""
import _socket
from time import sleep

_look_up = _socket.getaddrinfo

def getaddrinfo(host, *options, **named):
    if host in ({HOST!r}, {HOST.encode()!r}):
        sleep(60)
    return _look_up(host, *options, **named)

_socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture(name="silent_url", scope="module")
def fixture_silent_url() -> Iterator[str]:
    """The URL of a server that accepts connections, and then is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://:s3cret@127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(name="slow_lookups")
def fixture_slow_lookups(tmp_path: Path) -> dict[str, str]:
    """Variables with which a tracker waits a minute for the address of HOST."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_LOOKUPS)
    return {"PYTHONPATH": str(tmp_path)}


def warnings(tracker: TrackerServer) -> list[str]:
    """Return the warnings of the log."""
    return re.findall(r"\[WARNING\] (.*)", tracker.log)


def wait_for_warning(tracker: TrackerServer) -> str:
    """Wait for the first warning, stop the tracker, and return its only warning."""
    # After 10 s, the check itself warns that it has no answer.
    wait_until(lambda: warnings(tracker), "a warning")
    assert requests.get(f"{tracker.address()}/healthz", timeout=TIMEOUT_S).ok

    tracker.finish()

    assert "s3cret" not in tracker.log and "Traceback" not in tracker.log
    (warning,) = warnings(tracker)
    return warning


@pytest.mark.parametrize(
    "command", [PAGE_TRACKER, GUNICORN_CONFIGURED], ids=["page-tracker", "-c"]
)
def test_should_warn_of_a_wrong_port(
    start_tracker: StartTracker, command: tuple[str, ...]
) -> None:
    url = f"redis://:s3cret@127.0.0.1:{free_port()}"

    warning = wait_for_warning(start_tracker(command=command, PAGE_TRACKER_BACKEND=url))

    address = url.partition("@")[2]
    assert warning.startswith(f"Problems with Redis at {address}: connection: ")
    assert warning.endswith(
        "refused. (start Redis, or correct the host and port in PAGE_TRACKER_BACKEND)"
    )


def test_should_warn_of_a_wrong_host_name(start_tracker: StartTracker) -> None:
    url = f"redis://:s3cret@{HOST}"

    warning = wait_for_warning(start_tracker("--backend", url))

    # Without a network, the system may look for the name for a long time.
    assert re.search(
        f"{HOST}.*correct its name in --backend|{HOST} did not answer", warning
    )


def test_should_warn_of_a_wrong_password(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    url = advised_redis.url.replace("//", "//me:s3cret@")

    warning = wait_for_warning(start_tracker(REDIS_URL=url))

    assert re.search(r"AuthenticationError.*\(correct them in REDIS_URL", warning)


def test_should_warn_of_a_wrong_database(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    warning = wait_for_warning(start_tracker(REDIS_URL=f"{advised_redis.url}/99"))

    assert "DB index is out of range" in warning


def test_should_warn_of_missing_rights(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.execute_command("ACL SETUSER me on >s3cret ~* +@all -zrem")
    url = advised_redis.url.replace("//", "//me:s3cret@")

    warning = wait_for_warning(start_tracker(REDIS_URL=url))

    assert re.search(r"permissions: Redis refuses zrem \(grant .*\+zrem", warning)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_should_warn_of_a_server_that_is_silent(
    start_tracker: StartTracker, silent_url: str, scheme: str
) -> None:
    url = silent_url.replace("redis", scheme, 1)

    warning = wait_for_warning(start_tracker("--deadline", "1", REDIS_URL=url))

    assert "TimeoutError: " in warning
    assert ("does not answer in TLS" in warning) == (scheme == "rediss")


def test_should_warn_of_tls_to_a_port_without_it(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    url = advised_redis.url.replace("redis", "rediss", 1)

    warning = wait_for_warning(start_tracker("--deadline", "1", REDIS_URL=url))

    assert "begin REDIS_URL with redis instead of rediss" in warning


def test_should_warn_of_a_replica(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.replicaof("127.0.0.1", str(free_port()))

    warning = wait_for_warning(start_tracker(REDIS_URL=advised_redis.url))

    assert warning.endswith(
        ": role: this is a replica, which cannot store views (set REDIS_URL to the "
        "master)"
    )


def test_should_warn_of_a_file_of_another_program(
    start_tracker: StartTracker, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE things (name)")
    connection.close()

    warning = wait_for_warning(
        start_tracker(PAGE_TRACKER_BACKEND=f"sqlite://{tmp_path}/other.db")
    )

    assert "file: the file of the counts belongs to another program" in warning


def test_should_log_nothing_about_a_healthy_redis(
    start_tracker: StartTracker, advised_redis: RedisServer
) -> None:
    tracker = start_tracker(REDIS_URL=advised_redis.url)
    with Redis.from_url(advised_redis.url) as client:
        # Among the last commands that the check tries.
        wait_until(
            lambda: "cmdstat_pfcount" in client.info("commandstats"), "the check"
        )
        wait_until(lambda: len(client.client_list()) == 1, "the end of the check")
        assert client.dbsize() == 0

    tracker.finish()

    assert not warnings(tracker) and "ERROR" not in tracker.log


def test_should_log_nothing_about_a_healthy_file(
    start_tracker: StartTracker, tmp_path: Path
) -> None:
    file = tmp_path / "counts.db"
    tracker = start_tracker(PAGE_TRACKER_BACKEND=f"sqlite://{file}")
    # Until then, the file is empty.
    wait_until(lambda: file.exists() and file.stat().st_size, "the check")

    assert view_front_page(tracker.address()) == 1
    tracker.finish()

    # On a busy machine, a commit may be slow.
    assert all(": commit: " in warning for warning in warnings(tracker))
    assert "ERROR" not in tracker.log


def test_should_not_warn_again_when_a_worker_is_replaced(
    start_tracker: StartTracker,
) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    tracker = start_tracker("--workers", "1", PAGE_TRACKER_BACKEND=url)
    wait_until(lambda: warnings(tracker), "a warning")

    tracker.kill_worker()

    wait_until(lambda: tracker.log.count("Booting worker") == 2, "another worker")
    assert wait_for_warning(tracker)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_should_stop_and_answer_while_a_name_is_looked_up(
    start_tracker: StartTracker, slow_lookups: dict[str, str], number: signal.Signals
) -> None:
    tracker = start_tracker(REDIS_URL=f"redis://{HOST}", **slow_lookups)
    assert requests.get(f"{tracker.address()}/healthz", timeout=TIMEOUT_S).ok
    begun = time.monotonic()

    tracker.send_to_all(number)

    assert tracker.exit_code() == 0
    assert time.monotonic() - begun < 5
    assert not warnings(tracker) and "Traceback" not in tracker.log


def test_should_warn_if_a_name_is_looked_up_for_too_long(
    start_tracker: StartTracker, slow_lookups: dict[str, str]
) -> None:
    tracker = start_tracker(REDIS_URL=f"redis://:s3cret@{HOST}", **slow_lookups)

    warning = wait_for_warning(tracker)

    assert warning.startswith(f"Problems with Redis at {HOST}: connection: ")
    assert "no connection within 4 s" in warning
    assert "see whether the name service knows its host" in warning


def test_should_warn_if_the_servers_of_a_cluster_are_looked_up_for_too_long(
    start_tracker: StartTracker, slow_lookups: dict[str, str]
) -> None:
    url = f"redis+cluster://:s3cret@{HOST}"
    tracker = start_tracker(REDIS_URL=url, **slow_lookups)

    warning = wait_for_warning(tracker)

    assert warning == f"Redis at {HOST} did not answer within 10 s"
