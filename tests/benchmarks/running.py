"""A Redis and the contenders, running side by side; only one is ever loaded."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from re import search
from tempfile import TemporaryDirectory

import psutil
import requests
from redis import Redis

from tests.benchmarks.contenders import CONTENDERS, WORKERS
from tests.servers import RedisServer, TrackerServer, redis_servers, wait_until

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A contender that serves at the URL, with all its processes."""

    url: str
    processes: tuple[psutil.Process, ...]

    def cpu_s(self) -> float:
        """Return the CPU time that its processes have used so far."""
        used = [process.cpu_times() for process in self.processes]
        return sum(times.user + times.system for times in used)

    def memory_mb(self) -> float:
        """Return the PSS of its processes: what they share is counted once."""
        used = [process.memory_full_info() for process in self.processes]
        # Where the system does not tell it, that which is not shared.
        return sum(getattr(memory, "pss", memory.uss) for memory in used) / 1e6


class Ground:
    """Where contenders are measured: each is started when it is first asked for."""

    def __init__(self, redis_url: str, folder: Path, stack: ExitStack) -> None:
        self.redis = stack.enter_context(Redis.from_url(redis_url))
        self._redis_url = redis_url
        self._folder = folder
        self._stack = stack
        self._running: dict[str, Running] = {}

    def contender(self, name: str) -> Running:
        """Return this contender, which is started unless it runs."""
        if name not in self._running:
            self._running[name] = self._start(name)
        return self._running[name]

    def _start(self, name: str) -> Running:
        contender = CONTENDERS[name]
        server = TrackerServer(
            contender.command,
            self._folder / f"{name}.log",
            {
                "REDIS_URL": self._redis_url,
                "WEB_CONCURRENCY": str(WORKERS),
                # Each request may ask for a new one.
                "PAGE_TRACKER_MAX_PAGES": "100000000",
            },
        )
        self._stack.callback(server.stop)
        try:
            wait_until(
                lambda: server.log.count(contender.worker_ready) == WORKERS,
                f"{name} to serve",
                patience_s=_PATIENCE_S,
            )
        except AssertionError as error:
            error.add_note(server.log)
            raise
        address = search(r"http://127\.0\.0\.1:\d+", server.log)
        assert address, server.log
        # A worker that is booting does not serve yet.
        requests.head(address[0], timeout=_PATIENCE_S)
        first = psutil.Process(server.pid)
        return Running(address[0], (first, *first.children(recursive=True)))


@contextmanager
def open_ground() -> Iterator[Ground]:
    """Start a Redis for the contenders; it ends with the block, and so do they."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        server = RedisServer(
            list(redis_servers().values())[0],
            Path(folder),
            # It must not rewrite its file in one measurement and not in another.
            *("--auto-aof-rewrite-percentage", "0"),
        )
        stack.callback(server.kill)
        server.start()
        yield Ground(server.url, Path(folder), stack)
