"""Commands of page-tracker that the server runs, each in a process of its own.

Reading and writing files keeps a processor busy. In this process, views would wait.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import BoundedSemaphore

from page_tracker.web.request import RequestError

_LOOK_EVERY_S = 0.02
_PRIORITY = 10
_DEFAULT_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE)


class Process:
    """A process that this one has started."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._code: int | None = None

    def wait(self) -> int:
        """Return the exit code, when it has ended; negative for a signal."""
        while not self._has_ended(os.WNOHANG):
            time.sleep(_LOOK_EVERY_S)
        return self._code or 0

    def stop(self) -> None:
        """End the process unless it has ended."""
        if self._code is None:
            os.kill(self._number, signal.SIGKILL)
            self._has_ended(0)

    def _has_ended(self, options: int) -> bool:
        if self._code is None:
            ended, status = os.waitpid(self._number, options)
            if ended:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None


class Commands:
    """Runs commands on the counts of the server, one at a time."""

    def __init__(self) -> None:
        self.environ: Mapping[str, str] | None = None
        """The variables of the commands; None if they cannot reach the counts."""
        self._free = BoundedSemaphore()

    @contextmanager
    def running(self, arguments: Sequence[str], *files: int) -> Iterator[Process]:
        """Run a command. Its first files, from standard input on, are these.

        At the end, the process has ended. Raises RequestError.
        """
        if self.environ is None:
            raise RequestError(
                HTTPStatus.CONFLICT,
                "counts in the memory of the server cannot be in files; allowed: a "
                "SQLite file or a Redis, named by PAGE_TRACKER_BACKEND",
            )
        # pylint: disable-next=consider-using-with  # released only if acquired
        if not self._free.acquire(blocking=False):
            raise RequestError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "another export or import is running; allowed: one at a time",
                {"Retry-After": "5"},
            )
        try:
            process = _start(arguments, files, self.environ)
            try:
                yield process
            finally:
                process.stop()
        finally:
            self._free.release()


def _start(
    arguments: Sequence[str], files: Sequence[int], environ: Mapping[str, str]
) -> Process:
    # Unlike subprocess, this does not copy the process, nor calls what is to run after
    # such a copy. gevent does not replace it.
    number = os.posix_spawn(
        sys.executable,
        # -P: files in the current folder must not be taken for modules.
        [sys.executable, "-P", "-m", "page_tracker", *arguments],
        {**environ, "PYTHONPATH": _path_of_modules(environ), "PYTHONUTF8": "1"},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, file, place) for place, file in enumerate(files)
        ],
        setsigdef=_DEFAULT_SIGNALS,
        setsigmask=(),
    )
    # Views come first, also while it starts.
    os.setpriority(os.PRIO_PROCESS, number, _PRIORITY)
    return Process(number)


def _path_of_modules(environ: Mapping[str, str]) -> str:
    """Return a PYTHONPATH with which a command has the same code as this process."""
    own = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (own, environ.get("PYTHONPATH"))))
