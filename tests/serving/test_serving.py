"""Starting, and serving while Redis or clients fail."""

import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import trustme
from redis import Redis

from tests.conftest import StartTracker
from tests.counting import (
    TIMEOUT_S,
    Load,
    view_front_page,
    view_front_page_concurrently,
)
from tests.servers import (
    GUNICORN,
    GUNICORN_CONFIGURED,
    RedisServer,
    TrackerServer,
    connect,
    read_all,
    wait_until,
)

# The deadline of 2 s, with a margin for a busy machine.
IN_TIME_S = 4
SORRY = "Sorry, something went wrong 😔"


def fetch(url: str) -> tuple[requests.Response, float]:
    """Send one request, and return the response and its duration in seconds."""
    begun = time.monotonic()
    response = requests.get(url, timeout=TIMEOUT_S)
    return response, time.monotonic() - begun


def send(tracker: TrackerServer, data: bytes) -> bytes:
    """Send data over a new connection, and return the start of the response."""
    with connect(tracker.address()) as client:
        client.sendall(data)
        return client.recv(1000)


class TestStarting:
    """The log at the start."""

    def test_should_name_the_address_the_backend_and_the_documentation(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        tracker = start_tracker("serve", REDIS_URL=redis_url)
        url = tracker.address()

        assert f"Open {url}" in tracker.log
        assert re.search(r"Counting in Redis at \S+: set by REDIS_URL", tracker.log)
        assert "see page-tracker --help" in tracker.log
        assert "Control socket" not in tracker.log
        wait_until(lambda: tracker.log.count("Booting worker") == 2, "two workers")
        view_front_page(url)
        assert "Warning" not in tracker.log
        assert tracker.log.count("Counting in") == 1
        assert "Warning" not in tracker.log

    def test_should_count_in_one_process_when_counting_in_memory(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker("--redis-url", "memory://", WEB_CONCURRENCY="4")
        url = tracker.address()

        assert "Running 1 worker instead of 4" in tracker.log
        assert sorted(view_front_page_concurrently(url, clients=8, views=5)) == list(
            range(1, 41)
        )
        assert "are lost when this process ends" in tracker.log

        tracker.send(signal.SIGTTIN)
        wait_until(lambda: "Handling signal: ttin" in tracker.log, "the signal")
        assert sorted(view_front_page_concurrently(url, clients=8, views=5)) == list(
            range(41, 81)
        )
        assert tracker.log.count("Booting worker") == 1

    def test_should_look_for_redis_on_this_machine_when_nothing_is_set(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker()
        tracker.address()

        assert re.search("Counting in .*: no backend is set, and ", tracker.log)

    def test_should_exit_with_one_line_when_the_port_is_taken(
        self, start_tracker: StartTracker
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            tracker = start_tracker("--port", port, REDIS_URL="memory://")

            assert tracker.exit_code() == 1

        last = tracker.log.splitlines()[-1]
        assert last.startswith(f"page-tracker: cannot listen on 127.0.0.1:{port}: ")

    def test_should_exit_with_one_line_when_a_variable_is_wrong(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="redis://me:s3cret@host/zero")

        assert tracker.exit_code() == 2
        (line,) = tracker.log.splitlines()
        assert line.startswith("page-tracker: REDIS_URL: the database")
        assert "s3cret" not in line

    def test_should_treat_an_empty_variable_as_not_set(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="memory://", WEB_CONCURRENCY="", PORT="")

        assert view_front_page(tracker.address()) == 1


class TestGunicornsOwnCommandLine:
    """`gunicorn page_tracker.app:app`, with and without the tracker's settings."""

    def test_should_serve(self, start_tracker: StartTracker, redis_url: str) -> None:
        tracker = start_tracker(command=GUNICORN, REDIS_URL=redis_url)
        url = tracker.address()

        assert view_front_page(url) + 1 == view_front_page(url)
        assert "Counting in Redis" in tracker.log

    def test_should_serve_with_the_settings_of_page_tracker(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        tracker = start_tracker(command=GUNICORN_CONFIGURED, REDIS_URL=redis_url)
        url = tracker.address()

        assert view_front_page(url) + 1 == view_front_page(url)
        assert "Using worker: GracefulGeventWorker" in tracker.log
        assert f"Open {url}" in tracker.log
        wait_until(lambda: tracker.log.count("Booting worker") == 2, "two workers")
        assert tracker.log.count("Counting in") == 1

    @pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
    @pytest.mark.parametrize("worker", ["sync", "gthread", "gevent"])
    def test_should_count_exactly_with_workers_of_every_kind(
        self,
        start_tracker: StartTracker,
        own_redis: RedisServer,
        worker: str,
        preload: tuple[str, ...],
    ) -> None:
        kind = ("--worker-class", worker, "--threads", "8", "--workers", "2", *preload)
        tracker = start_tracker(*kind, command=GUNICORN, REDIS_URL=own_redis.url)

        numbers = view_front_page_concurrently(tracker.address(), clients=16, views=20)

        assert sorted(numbers) == list(range(1, 321))

    def test_should_serve_tls_with_a_certificate(
        self,
        start_tracker: StartTracker,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "authority"))
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "pem"))
        tracker = start_tracker(
            *("--certfile", str(tmp_path / "pem"), "--keyfile", str(tmp_path / "pem")),
            command=GUNICORN_CONFIGURED,
            REDIS_URL="memory://",
        )
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority"))

        assert view_front_page(tracker.address()) == 1

    def test_should_say_which_addresses_to_open(
        self, start_tracker: StartTracker, tmp_path: Path
    ) -> None:
        tracker = start_tracker(
            *("--bind", f"unix:{tmp_path}/socket", "--bind", "0.0.0.0:0"),
            command=GUNICORN_CONFIGURED,
            REDIS_URL="memory://",
        )

        wait_until(lambda: "Booting worker" in tracker.log, "the tracker to serve")

        assert f"Open unix:{tmp_path}/socket" in tracker.log
        (url,) = re.findall(r"Open (http://localhost:\d+)", tracker.log)
        assert view_front_page(url) == 1

    def test_should_count_in_one_process_when_counting_in_memory(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(
            "--workers", "3", command=GUNICORN_CONFIGURED, REDIS_URL="memory://"
        )
        url = tracker.address()

        assert sorted(view_front_page_concurrently(url, clients=8, views=5)) == list(
            range(1, 41)
        )
        assert tracker.log.count("Booting worker") == 1

    def test_should_refuse_to_count_in_the_memory_of_several_workers(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(
            "--workers", "2", command=GUNICORN, REDIS_URL="memory://"
        )

        response, _ = fetch(tracker.address())

        assert (response.status_code, response.text) == (500, SORRY)
        assert "start one worker" in tracker.log

    @pytest.mark.parametrize(
        "command", [GUNICORN, GUNICORN_CONFIGURED], ids=["plain", "-c"]
    )
    def test_should_exit_without_a_traceback_when_a_variable_is_wrong(
        self, start_tracker: StartTracker, command: tuple[str, ...]
    ) -> None:
        tracker = start_tracker(
            command=command, REDIS_URL="redis://me:s3cret@host/zero"
        )

        assert tracker.exit_code() != 0
        assert tracker.log.count("REDIS_URL: the database") == 1
        assert "Traceback" not in tracker.log and "s3cret" not in tracker.log


class TestUpgrading:
    """SIGUSR2, which makes Gunicorn start a new server next to the old one."""

    def test_should_start_a_new_server_at_the_same_address(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        tracker = start_tracker(REDIS_URL=redis_url)
        url = tracker.address()

        tracker.send(signal.SIGUSR2)

        wait_until(lambda: tracker.log.count(f"Open {url}") == 2, "the new server")
        assert view_front_page(url) + 1 == view_front_page(url)

    def test_should_refuse_a_second_server_when_counting_in_memory(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="memory://")
        url = tracker.address()
        view_front_page(url)

        tracker.send(signal.SIGUSR2)

        wait_until(lambda: "cannot be shared" in tracker.log, "the refusal")
        assert view_front_page(url) == 2


class TestFailures:
    """Redis stops and starts again, and clients misbehave."""

    def test_should_fail_while_redis_is_down_and_recover_afterwards(
        self, start_tracker: StartTracker, own_redis: RedisServer
    ) -> None:
        tracker = start_tracker(REDIS_URL=own_redis.url)
        url = tracker.address()
        with Load(url, clients=8) as load:
            wait_until(lambda: load.numbers, "views")
            own_redis.kill()
            wait_until(lambda: load.failures, "failures")
            outage, elapsed = fetch(url)
            unready, _ = fetch(f"{url}/readyz")

            own_redis.start()
            load.wait_for_views()
            wait_until(lambda: fetch(f"{url}/readyz")[0].ok, "readiness")

        assert unready.status_code == 503
        assert (outage.status_code, outage.text) == (500, SORRY)
        assert elapsed < IN_TIME_S
        with Redis.from_url(own_redis.url) as client:
            load.assert_counted(int(client.get("page_views") or 0))
        assert "Connection refused" in tracker.log
        # Each worker logs at most three kinds of failure: a lost connection, a refused
        # connection, and an open circuit breaker.
        assert 1 <= tracker.log.count("A request failed: ") <= 6

    def test_should_fail_in_time_when_redis_does_not_answer(
        self, start_tracker: StartTracker, own_redis: RedisServer
    ) -> None:
        url = start_tracker(REDIS_URL=own_redis.url).address()
        view_front_page(url)

        own_redis.suspend()
        unready, elapsed_of_check = fetch(f"{url}/readyz")
        with ThreadPoolExecutor(100) as clients:
            outage = list(clients.map(fetch, [url] * 100))

        assert unready.status_code == 503
        assert elapsed_of_check < 1
        for response, elapsed in outage:
            assert (response.status_code, response.text) == (500, SORRY)
            assert elapsed < IN_TIME_S

    def test_should_answer_at_once_while_100_clients_are_silent(
        self, start_tracker: StartTracker, redis_url: str
    ) -> None:
        url = start_tracker(REDIS_URL=redis_url).address()
        view_front_page(url)
        with ExitStack() as connections:
            silent = [connections.enter_context(connect(url)) for _ in range(100)]
            for half in silent[::2]:
                half.sendall(b"GET / HTTP/1.1\r\nHost: half")

            answers = [fetch(url) for _ in range(10)]

            assert all(response.status_code == 200 for response, _ in answers)
            assert max(elapsed for _, elapsed in answers) < 3
            # The server disconnects silent clients, which would use up its connections.
            assert [connection.recv(1) for connection in silent] == [b""] * 100

    def test_should_answer_others_while_one_client_always_has_another_request(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="memory://")
        url = tracker.address()
        more = b"GET /robots.txt HTTP/1.1\r\nHost: greedy\r\n\r\n" * 1_999
        last = b"GET /robots.txt HTTP/1.1\r\nHost: greedy\r\nConnection: close\r\n\r\n"
        with connect(url) as greedy, ThreadPoolExecutor(1) as pool:
            greedy.sendall(more + last)
            assert greedy.recv(1)
            reading = pool.submit(read_all, greedy)

            response, _ = fetch(f"{url}/healthz")

            assert response.status_code == 200
            assert not reading.done()
            assert reading.result().count("HTTP/1.1 200 OK") == 1_999

    def test_should_not_read_an_endless_body(self, start_tracker: StartTracker) -> None:
        tracker = start_tracker(REDIS_URL="memory://")

        answer = send(
            tracker,
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n",
        )

        assert answer.startswith(b"HTTP/1.1 405 ")
        assert b"Connection: close" in answer

    def test_should_not_let_a_header_set_the_path(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="memory://")

        answer = send(tracker, b"GET /x HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /x\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 404 ")

    def test_should_log_no_address_of_a_client_that_does_not_use_http(
        self, start_tracker: StartTracker
    ) -> None:
        tracker = start_tracker(REDIS_URL="memory://")

        answer = send(tracker, b"HELO there\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 400 ")
        logged = [line for line in tracker.log.splitlines() if "Invalid" in line]
        assert len(logged) == 1 and "127.0.0.1" not in logged[0]
