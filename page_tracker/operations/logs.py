"""The logs of the tracker: their formats, and limits on repeated lines."""

import logging
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

_REMINDER_S = 10.0

LOG_FORMATS = ("text", "json")
"""The formats of log lines: text as in Gunicorn, or one JSON object per line."""


def configure_logging(log_format: str) -> None:
    """Log to standard error in one of LOG_FORMATS, unless logging is already set up."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def formatter(log_format: str) -> logging.Formatter:
    """Return the formatter for one of LOG_FORMATS."""
    if log_format == "text":
        return logging.Formatter(
            "%(asctime)s [%(process)d] [%(levelname)s] %(message)s",
            datefmt="[%Y-%m-%d %H:%M:%S %z]",
        )
    # Imported here because the text format does not need it.
    # pylint: disable-next=import-outside-toplevel
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        ["levelname", "name", "process", "message"],
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp="time",
    )


class AccessLog:
    """Logs each request in one line, without any data about its sender."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("page_tracker.access")

    def answered(  # pylint: disable=too-many-arguments  # they are keyword-only
        self,
        target: str,
        *,
        method: str,
        route: str,
        status: HTTPStatus,
        size: int,
        seconds: float,
    ) -> None:
        """Log an answered request.

        The target must be safe to print. The size is that of the body in bytes, and the
        time is in seconds.
        """
        fields = {
            # Quoted because some servers pass on any characters in the method.
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


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error, its cause, the cause of that and so on."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    return causes


def _in_words(error: BaseException) -> str:
    """Return the texts of an error and its causes.

    The first cause was not raised for a reader, so its type is named.
    """
    *explained, first = _causes(error)
    name = f"{type(first).__name__}: " if explained else ""
    return ": ".join([*map(str, explained), f"{name}{first}"])


class FailureLog:
    """Logs the first failed request of each kind, then one line at most every 10 s.

    The first failure of a kind is logged with its cause if the error was expected, and
    with its traceback if it was not. Later lines give the number of failed requests.
    The outage is over when a request succeeds and none has failed for 10 s. The log
    reports this in one line, and forgets all failures.
    """

    def __init__(
        self,
        logger: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
        *,
        what: str = "request",
    ) -> None:
        self._what = what
        self._logger = logger
        self._clock = clock
        self._lock = threading.Lock()
        self._total = 0
        self._causes: set[tuple[type[BaseException], str]] = set()
        self._last_line = 0.0
        self._last_failure = 0.0

    def failed(self, error: Exception, *, expected: bool) -> None:
        """Record that a request failed with this error."""
        with self._lock:
            now = self._last_failure = self._clock()
            self._total += 1
            cause = _causes(error)[-1]
            # The first word of a Redis error is its code, such as OOM.
            kind = type(cause), str(cause).partition(" ")[0]
            if kind not in self._causes:
                self._causes.add(kind)
                self._log_first(error, expected)
            elif now - self._last_line >= _REMINDER_S:
                text = _in_words(error) if expected else str(cause)
                self._logger.error(
                    "%d %ss failed so far: %s", self._total, self._what, text
                )
            else:
                return
            self._last_line = now

    def _log_first(self, error: Exception, expected: bool) -> None:
        text = _in_words(error) if expected else error
        cause = None if expected else error
        self._logger.error("A %s failed: %s", self._what, text, exc_info=cause)

    def succeeded(self) -> None:
        """Record that a request succeeded."""
        # Read without the lock, because this runs for every request. If the end of an
        # outage is missed here, the next request reports it.
        if self._total and self._clock() - self._last_failure >= _REMINDER_S:
            with self._lock:
                total, self._total = self._total, 0
                self._causes.clear()
            if total:
                self._logger.warning(
                    "%ss succeed again; %d failed before", self._what.title(), total
                )


class RefusalLog:
    """Logs refused requests, in one line at most every 10 s."""

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
        self._lock = threading.Lock()
        self._total = 0
        self._next_line = 0.0

    def refused(self, reason: str) -> None:
        """Record that a request was refused for this reason."""
        with self._lock:
            self._total += 1
            now = self._clock()
            if now >= self._next_line:
                self._next_line = now + _REMINDER_S
                self._logger.warning(
                    "%s: %s (%d refused so far)", self._what, reason, self._total
                )
