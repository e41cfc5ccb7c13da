"""python -m tests.benchmarks.start: the memory of a server, and how it starts.

The tracker is compared with a server that counts nothing and has the same settings:
once with those for Redis, and once with those for SQLite.
"""

import argparse
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks import releases
from tests.benchmarks.contenders import (
    CONTENDERS,
    LIMIT,
    TRACKER,
    WORKERS,
    Storage,
)
from tests.benchmarks.loading import load_for
from tests.benchmarks.report import cell, table
from tests.benchmarks.results import median_ratio
from tests.benchmarks.running import open_testbed
from tests.benchmarks.targets import Target
from tests.servers import TrackerServer, free_port, wait_until

_CONNECTIONS = 32
_TIMEOUT_S = 60.0
_SHOWN_PACKAGES = 8

_TITLES = {Storage.REDIS: "Redis", Storage.SQLITE: "SQLite"}
_MEMORY = {
    "master_mb": "master, MB",
    "worker_mb": "each worker, MB",
    "all_mb": "all, MB",
}

# All that a server imports before its first answer.
_IMPORTS = """
import os
from page_tracker.cli import main, serve
from page_tracker.server import serving
from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings
configuration(Settings.read(os.environ))
"""

_REQUEST = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Firefox/150.0\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Memory:
    """The PSS of a server under load, which divides shared memory by its users."""

    master_mb: float
    worker_mb: float
    """The mean of the workers."""

    all_mb: float


@dataclass(frozen=True, slots=True)
class Start:
    """How long page-tracker took until it answered with a number."""

    seconds: float

    cpu_s: float
    """The CPU time that all its processes used until then."""


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the tables."""
    options = _command_line().parse_args(arguments)
    memory: dict[str, dict[str, list[Memory]]] = {}
    starts: dict[str, list[Start]] = {}
    imports: dict[str, list[Counter[str]]] = {}
    with TemporaryDirectory() as name, open_testbed() as testbed:
        folder = Path(name)
        for _ in range(options.rounds):
            for storage in Storage.REDIS, Storage.SQLITE:
                url, title = testbed.backend(storage), _TITLES[storage]
                measured = memory.setdefault(title, {LIMIT: [], TRACKER: []})
                for contender, of_contender in measured.items():
                    of_contender.append(
                        memory_of(contender, url, folder, options.seconds)
                    )
                starts.setdefault(title, []).append(start_of(url, folder))
                imports.setdefault(title, []).append(imports_of(url))
    tables = [_table_of_memory(title, measured) for title, measured in memory.items()]
    tables += [_table_of_starts(starts), _table_of_imports(imports)]
    print(*tables, sep="\n")
    if options.release:
        releases.document(tables)


def memory_of(name: str, url: str, folder: Path, seconds: float) -> Memory:
    """Start a contender, load it for this time, and return its memory."""
    variables = {"PAGE_TRACKER_BACKEND": url, "WEB_CONCURRENCY": str(WORKERS)}
    server = TrackerServer(CONTENDERS[name].command, folder / "log", variables)
    try:
        wait_until(lambda: server.log.count("Booting worker") == WORKERS, name)
        load_for(seconds)(server.address(), Target(), _CONNECTIONS, seconds)
        master = psutil.Process(server.pid)
        workers = [_pss_mb(each) for each in master.children()]
        of_master = _pss_mb(master)
        return Memory(of_master, sum(workers) / len(workers), of_master + sum(workers))
    finally:
        server.stop()


def start_of(url: str, folder: Path) -> Start:
    """Start page-tracker, and return how long it takes until it answers."""
    port = free_port()
    begun = time.perf_counter()
    server = TrackerServer(
        (sys.executable, "-m", "page_tracker", "--port", str(port)),
        folder / "log",
        {"PAGE_TRACKER_BACKEND": url},
    )
    try:
        while not _answers(port):
            assert time.perf_counter() < begun + _TIMEOUT_S, server.log
            time.sleep(0.001)
        seconds = time.perf_counter() - begun
        master = psutil.Process(server.pid)
        used = [each.cpu_times() for each in (master, *master.children())]
        return Start(seconds, sum(times.user + times.system for times in used))
    finally:
        server.stop()


def imports_of(url: str) -> Counter[str]:
    """Return the milliseconds that a server takes to import each package."""
    done = subprocess.run(
        (sys.executable, "-X", "importtime", "-c", _IMPORTS),
        env={"PAGE_TRACKER_BACKEND": url},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=True,
    )
    found: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        if timed := re.fullmatch(r"import time: +(\d+) \| +\d+ \| +([\w.]+)", line):
            package = timed[2].partition(".")[0]
            is_built_in = package in sys.stdlib_module_names and package != "asyncio"
            found["other modules of Python" if is_built_in else package] += int(
                timed[1]
            )
    return Counter({package: us / 1000 for package, us in found.items()})


def _answers(port: int) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port))) as client:
            client.sendall(_REQUEST)
            return client.recv(100).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def _pss_mb(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _table_of_memory(title: str, measured: dict[str, list[Memory]]) -> str:
    """Return a table of the medians, with the medians of the ratios by round."""
    rows = []
    for name, of_contender in measured.items():
        cells = []
        for figure in _MEMORY:
            own = [float(getattr(each, figure)) for each in of_contender]
            least = [float(getattr(each, figure)) for each in measured[LIMIT]]
            cells.append(cell(median(own), median_ratio(own, least)))
        rows.append((name, *cells))
    return table(
        f"Memory under load, {title} (ratios to {LIMIT})",
        ("", *_MEMORY.values()),
        rows,
    )


def _table_of_starts(starts: dict[str, list[Start]]) -> str:
    rows = []
    for title, of_storage in starts.items():
        seconds = [each.seconds for each in of_storage]
        cpu_s = median(each.cpu_s for each in of_storage)
        rows.append(
            (title, f"{median(seconds):.2f}", f"{min(seconds):.2f}", f"{cpu_s:.2f}")
        )
    return table(
        "Seconds from the start to the first answer",
        ("", "median", "shortest", "CPU time of all processes"),
        rows,
    )


def _table_of_imports(imports: dict[str, list[Counter[str]]]) -> str:
    """Return a table of the packages that take the longest to import."""
    shortest = {
        title: Counter(
            {
                package: min(each[package] for each in of_storage)
                for package in of_storage[0]
            }
        )
        for title, of_storage in imports.items()
    }
    packages = sum(shortest.values(), Counter()).most_common(_SHOWN_PACKAGES)
    rows = [
        (package, *(f"{own[package]:.0f}" for own in shortest.values()))
        for package, _ in packages
    ]
    everything = (f"{own.total():.0f}" for own in shortest.values())
    rows.append(("everything", *everything))
    return table("Imports, ms", ("", *shortest), rows)


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.start",
        description="Measure the memory of a server, and how long it takes to start.",
        allow_abbrev=False,
    )
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (5)")
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="duration of each load (4)"
    )
    parser.add_argument(
        "--release", action="store_true", help="write the tables to the documentation"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
