"""Activities while views are measured: reads, exports, imports and open dashboards.

The owner of the site reads over HTTP, at most ten times a second. Commands run in
processes of their own, which also need CPU time. Therefore, compare them with a process
that only computes.
"""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from threading import Event

import requests

from tests import processes
from tests.benchmarks.targets import SITE
from tests.owner import BEARER

_PERIOD_S = 0.1
_TIMEOUT_S = 30

DASHBOARDS = "300 dashboards"
"""The activity of many dashboards that are open at the same time."""

_PAGES = f"/api/sites/{SITE}/pages"
_PATHS = {
    "ranking": _PAGES,
    "ranking of 365 days": f"{_PAGES}?days=365",
    "search, few found": f"{_PAGES}?search=/page/999",
    "search, none found": f"{_PAGES}?search=missing",
    "history": f"/api/sites/{SITE}/history?days=365",
}
_TRACKER = (sys.executable, "-m", "page_tracker")
_IMPORTING = (sys.executable, "-m", "tests.benchmarks.importing")
_COMMANDS = {
    "export": (*_TRACKER, "export", "--backend", "{backend}", "{folder}/export.json"),
    "backup": (*_TRACKER, "backup", "--backend", "{backend}", "{folder}/backup.db"),
    DASHBOARDS: (sys.executable, "-m", "tests.benchmarks.dashboards", "{url}"),
    "computing": (sys.executable, "-c", "while True: pass"),
}

ACTIVITIES = (*_PATHS, *_COMMANDS)
"""The names of all activities, except imports."""

IMPORTS = {rows: f"import of {rows} rows" for rows in (100, 1_000_000)}
"""The names of imports, by the number of rows in a file."""

_COMMANDS |= {
    name: (*_IMPORTING, "{backend}", "{folder}", str(rows))
    for rows, name in IMPORTS.items()
}


@contextmanager
def repeating(activity: str | None, url: str, backend: str) -> Iterator[list[float]]:
    """Repeat this activity during the block. With None, nothing is done.

    Yields a list to which the durations are added, in ms. Raises an error at the end of
    the block if the activity failed.
    """
    durations_ms: list[float] = []
    if activity is None:
        yield durations_ms
        return
    over = Event()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        if activity in _PATHS:
            do = partial(_request, url + _PATHS[activity])
        else:
            names = {"url": url, "backend": backend, "folder": folder}
            command = [part.format(**names) for part in _COMMANDS[activity]]
            do = partial(_run, command, over)
        repeated = thread.submit(_repeat, do, over, durations_ms)
        try:
            yield durations_ms
        finally:
            over.set()
        repeated.result()


def _repeat(do: Callable[[], None], over: Event, durations_ms: list[float]) -> None:
    while not over.is_set():
        begin = time.perf_counter()
        do()
        took_s = time.perf_counter() - begin
        # Otherwise, the end has interrupted it.
        if not over.is_set():
            durations_ms.append(took_s * 1000)
        over.wait(_PERIOD_S - took_s)


def _request(url: str) -> None:
    requests.get(url, headers=BEARER, timeout=_TIMEOUT_S).raise_for_status()


def _run(command: list[str], over: Event) -> None:
    """Run a command until it ends or it is over. Raises AssertionError if it fails."""
    with processes.running(command, stdout=DEVNULL, stderr=DEVNULL) as process:
        while process.poll() is None and not over.is_set():
            over.wait(0.01)
        assert not process.returncode, command
