"""How long requests fail while containers are replaced by those of a newer version."""

import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import requests
from urllib3.exceptions import InsecureRequestWarning

from tests.containers.engine import DOCKER, Engine, Stack
from tests.counting import TIMEOUT_S
from tests.figures.images import change_a_line
from tests.servers import free_port, wait_until

_ROUNDS = 4
_CLIENTS = 8
_PAUSE_S = 0.05


def time_to_upgrade(engine: Engine, *overrides: str) -> str:
    """Return for how long requests fail: the shortest and the longest of some times."""
    https_port = str(free_port())
    settings = {
        "PAGE_TRACKER_URL": f"https://localhost:{https_port}",
        "PAGE_TRACKER_HTTP_PORT": str(free_port()),
        "PAGE_TRACKER_HTTPS_PORT": https_port,
    }
    files = ("compose.sqlite.yml", *overrides)
    with TemporaryDirectory() as folder:
        stack = Stack(engine, Path(folder, "project"), files, settings)
        url = settings["PAGE_TRACKER_URL"] if overrides else stack.url
        try:
            stack.prepare()
            stack.compose("up", "--detach", *engine.waits)
            wait_until(lambda: _answers(url), "the first answer")
            times = [_failing_s(url, lambda: _upgrade(stack)) for _ in range(_ROUNDS)]
        finally:
            stack.down()
    return f"{min(times):.1f} to {max(times):.1f} s"


def _upgrade(stack: Stack) -> None:
    """Replace the containers as docs/upgrade-and-backup.md does, but without Git."""
    change_a_line(stack.folder)
    recreates = () if stack.engine is DOCKER else ("--force-recreate",)
    stack.compose("up", "--detach", *stack.engine.waits, "--build", *recreates)


def _failing_s(url: str, action: Callable[[], object]) -> float:
    """Return how long requests fail during the action, from the first to the last."""
    times: list[float] = []
    over = Event()

    def poll(_: int) -> None:
        while not over.wait(_PAUSE_S):
            asked_at = time.monotonic()
            if not _answers(url):
                times.extend((asked_at, time.monotonic()))

    with ThreadPoolExecutor(_CLIENTS) as pool:
        polling = pool.map(poll, range(_CLIENTS))
        try:
            action()
            wait_until(lambda: _answers(url), "an answer")
        finally:
            over.set()
        list(polling)
    return max(times) - min(times) if times else 0.0


def _answers(url: str) -> bool:
    """Return whether a request succeeds. The certificate is Caddy's own."""
    with warnings.catch_warnings(action="ignore", category=InsecureRequestWarning):
        try:
            return requests.get(url, timeout=TIMEOUT_S, verify=False).ok
        except requests.RequestException:
            return False
