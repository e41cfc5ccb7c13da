"""Processes that the tests start, and their child processes."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests import watchdog


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a process in its own group. end() or the end of the run kills it.

    The options are those of subprocess.Popen.
    """
    # pylint: disable-next=consider-using-with  # see end()
    process = subprocess.Popen(command, start_new_session=True, **options)
    watchdog.watch(process.pid)
    return process


def end(process: subprocess.Popen[Any]) -> None:
    """Kill the process and all others in its group."""
    watchdog.kill(process.pid)
    process.wait()
    watchdog.unwatch(process.pid)


@contextmanager
def running(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a process, and kill it at the end of the block if it is still running."""
    with start(command, **options) as process:
        try:
            yield process
        finally:
            end(process)
