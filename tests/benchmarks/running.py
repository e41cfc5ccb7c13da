"""A Redis, a SQLite file, and the contenders, which are loaded one by one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from re import search
from tempfile import TemporaryDirectory

import psutil
import requests
from redis import Redis

from tests.benchmarks.contenders import CONTENDERS, PORT, WORKERS, Storage
from tests.benchmarks.sqlite_pages import CountsFile
from tests.owner import TOKEN
from tests.servers import (
    RedisServer,
    TrackerServer,
    free_port,
    redis_servers,
    wait_until,
)

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A running contender: its URL and all its processes."""

    url: str
    processes: tuple[psutil.Process, ...]

    def cpu_s(self) -> float:
        """Return the CPU time that its processes have used so far."""
        used = [process.cpu_times() for process in self.processes]
        return sum(times.user + times.system for times in used)

    def memory_mb(self) -> float:
        """Return the PSS of its processes, which counts shared memory once."""
        used = [process.memory_full_info() for process in self.processes]
        # If the system does not report the PSS, this is the memory that is not shared.
        return sum(getattr(memory, "pss", memory.uss) for memory in used) / 1e6


class Testbed:
    """Starts each contender when it is first needed, and keeps it running."""

    def __init__(self, redis_url: str, folder: Path, stack: ExitStack) -> None:
        self.redis = stack.enter_context(Redis.from_url(redis_url))
        self.counts_file = CountsFile(folder / "counts.db")
        self._redis_url = redis_url
        self._folder = folder
        self._stack = stack
        self._running: dict[tuple[str, int], Running] = {}

    def contender(self, name: str, workers: int = WORKERS) -> Running:
        """Return this contender. Starts it if it is not running."""
        if (name, workers) not in self._running:
            self._running[name, workers] = self._start(name, workers)
        return self._running[name, workers]

    def backend(self, storage: Storage) -> str:
        """Return the URL under which commands find this storage."""
        return self.counts_file.url if storage is Storage.SQLITE else self._redis_url

    def _start(self, name: str, workers: int) -> Running:
        contender = CONTENDERS[name]
        variable = (
            "PAGE_TRACKER_BACKEND"
            if contender.storage is Storage.SQLITE
            else "REDIS_URL"
        )
        port = str(free_port())
        announced = 1 if contender.in_one_process else workers
        server = TrackerServer(
            [part.replace(PORT, port) for part in contender.command],
            self._folder / f"{name}-{workers}.log",
            {
                variable: self.backend(contender.storage),
                "WEB_CONCURRENCY": str(workers),
                # Each request may name a new page, and a thousand of them a site.
                "PAGE_TRACKER_MAX_PAGES": "100000000",
                "PAGE_TRACKER_MAX_SITES": "1000000",
                "PAGE_TRACKER_TOKEN": TOKEN,
            },
        )
        self._stack.callback(server.stop)
        try:
            wait_until(
                lambda: server.log.count(contender.worker_ready) == announced,
                f"{name} to serve",
            )
        except AssertionError as error:
            error.add_note(server.log)
            raise
        address = search(r"http://127\.0\.0\.1:\d+", server.log)
        assert address, server.log
        # A worker that has just started may not serve yet.
        requests.head(address[0], timeout=_TIMEOUT_S)
        first = psutil.Process(server.pid)
        return Running(address[0], (first, *first.children(recursive=True)))


@contextmanager
def open_testbed() -> Iterator[Testbed]:
    """Start a Redis. It stops at the end of the block, and so do all contenders."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        server = RedisServer(
            list(redis_servers().values())[0],
            Path(folder),
            # Otherwise, Redis would rewrite its file in some measurements only.
            *("--auto-aof-rewrite-percentage", "0"),
        )
        stack.callback(server.kill)
        server.start()
        yield Testbed(server.url, Path(folder), stack)
