"""What the tracker logs: where it goes, and how much of a lasting failure."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from urllib.parse import quote

_REMINDER_S = 10.0

LOG_FORMATS = ("text", "json")
"""How lines are written: as Gunicorn does, or as one JSON object each."""


def configure_logging(log_format: str) -> None:
    """Log to standard error in one of the formats, unless logging is set up."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def formatter(log_format: str) -> logging.Formatter:
    """Return what writes lines in one of the formats."""
    if log_format == "text":
        return logging.Formatter(
            "%(asctime)s [%(process)d] [%(levelname)s] %(message)s",
            datefmt="[%Y-%m-%d %H:%M:%S %z]",
        )
    # Here, for those who do without it.
    # pylint: disable-next=import-outside-toplevel
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        ["levelname", "name", "process", "message"],
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp="time",
    )


class AccessLog:
    """Logs each request in a line, and nothing of who has sent it."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("page_tracker.access")

    def answered(  # pylint: disable=too-many-arguments  # all but one by their names
        self,
        target: str,
        *,
        method: str,
        route: str,
        status: HTTPStatus,
        size: int,
        seconds: float,
    ) -> None:
        """Log a request for a target, which must be safe to print, that was answered.

        The size is that of the body in bytes.
        """
        fields = {
            # A server may let anything through.
            "method": quote(method),
            "target": target,
            "route": route,
            "status": status.value,
            "bytes": size,
            "milliseconds": round(seconds * 1000, 3),
        }
        line = (
            "%(method)s %(target)s %(route)s %(status)d %(bytes)d bytes "
            "%(milliseconds).3f ms"
        )
        self._logger.info(line, fields, extra=fields)


class FailureLog:
    """Logs failed requests: each new cause whole, a lasting failure in brief.

    The first failure of each kind is logged: an expected error in a line with its
    cause, any other with its traceback. From then on there is one line every 10 s with
    the number of failed requests, until 10 s have gone by without any; the next success
    says so, and all begins anew.
    """

    def __init__(
        self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._clock = clock
        self._lock = Lock()
        self._total = 0
        self._causes: set[tuple[type[BaseException], str]] = set()
        self._last_line = 0.0
        self._last_failure = 0.0

    def failed(self, error: Exception, *, expected: bool) -> None:
        """Take note of a request that failed for this error, expected or not."""
        with self._lock:
            now = self._last_failure = self._clock()
            self._total += 1
            cause = error.__cause__ or error
            # Redis says in the first word of an error what it is about.
            kind = type(cause), str(cause).partition(" ")[0]
            if kind not in self._causes:
                self._causes.add(kind)
                self._log_whole(error, expected)
            elif now - self._last_line >= _REMINDER_S:
                self._logger.error("%d requests failed so far: %s", self._total, cause)
            else:
                return
            self._last_line = now

    def _log_whole(self, error: Exception, expected: bool) -> None:
        cause = error.__cause__
        if not expected:
            self._logger.error("A request failed: %s", error, exc_info=error)
        elif cause is None:
            self._logger.error("A request failed: %s", error)
        else:
            name = type(cause).__name__
            self._logger.error("A request failed: %s: %s: %s", error, name, cause)

    def succeeded(self) -> None:
        """Take note of a request that did not fail."""
        # Read without the lock: this is on the way of every request, and a
        # recovery may as well be told by the next one.
        if self._total and self._clock() - self._last_failure >= _REMINDER_S:
            with self._lock:
                total, self._total = self._total, 0
                self._causes.clear()
            if total:
                self._logger.warning("Requests succeed again; %d had failed", total)


class RefusalLog:
    """Logs what is refused as the owner wants it: one line every 10 s at most."""

    def __init__(
        self,
        logger: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
        *,
        what: str = "Not counted",
    ) -> None:
        self._what = what
        self._logger = logger
        self._clock = clock
        self._lock = Lock()
        self._total = 0
        self._next_line = 0.0

    def refused(self, reason: str) -> None:
        """Take note of a request that was refused."""
        with self._lock:
            self._total += 1
            now = self._clock()
            if now >= self._next_line:
                self._next_line = now + _REMINDER_S
                self._logger.warning(
                    "%s: %s (%d refused so far)", self._what, reason, self._total
                )
