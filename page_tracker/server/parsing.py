"""Parsing requests in C, wherever that gives the same answer as parsing in Python."""

import logging
import platform
import sys
from importlib import import_module
from pathlib import Path

from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import (  # type: ignore[attr-defined]
    Request,
    _check_fast_parser,
)
from gunicorn.http.unreader import IterUnreader, Unreader
from packaging.version import InvalidVersion, Version

_log = logging.getLogger("page_tracker")

_H1C = "gunicorn_h1c"  # optional: see the extra "fast" in pyproject.toml
_OLDEST = "0.6.10"
_CPU = Path("/proc/cpuinfo")
_NOTHING_MORE = IterUnreader(())


def best_parser() -> str:
    """Return "fast" if gunicorn_h1c, the parser in C, can be used, otherwise "python".

    These are values of Gunicorn's setting http_parser. Logs a warning if gunicorn_h1c
    is installed and cannot be used.
    """
    try:
        problem = _problem_of_h1c()
    except ModuleNotFoundError:
        return "python"
    except (ImportError, AttributeError, InvalidVersion) as error:
        problem = str(error)
    if not problem:
        return "fast"
    _log.warning("%s is installed, but cannot be used: %s", _H1C, problem)
    return "python"


def _problem_of_h1c() -> str:
    """Return why gunicorn_h1c cannot be used, or "". Raises ImportError."""
    version = import_module(_H1C).__version__
    if Version(version) < Version(_OLDEST):
        return f"its version is {version}; allowed: {_OLDEST} or newer"
    # It is always compiled for SSE 4.2, which some virtual machines hide. The kernel
    # would then kill each worker at its first request.
    if platform.machine() == "x86_64" and _CPU.exists():
        if "sse4_2" not in _CPU.read_text(encoding="utf-8"):
            return "the processor has no SSE 4.2"
    return ""


def log_parser(cfg: Config) -> None:
    """Log which parser is in use. Exit if Gunicorn's command line requires another one.

    Gunicorn itself would only fail at each request.
    """
    try:
        is_fast = _check_fast_parser(cfg)
    except RuntimeError as error:
        sys.exit(
            f"page-tracker: {error}; allowed: to install page-tracker[fast], or "
            "--http-parser python"
        )
    if is_fast:
        _log.info("Parsing HTTP in C (%s %s)", _H1C, import_module(_H1C).__version__)
    else:
        _log.info("Parsing HTTP in Python")


class StrictRequest(Request):
    """Gunicorn's request, with the same answers from both of its parsers.

    The parser in C reads the usual request: its head has arrived as a whole and exceeds
    no limit. The parser in Python decides about every other request, and about every
    request that the parser in C refuses, because the two give different reasons.
    """

    # Gunicorn calls this if http_parser is "fast". The stub lacks both methods.
    def _parse_fast(self, unreader: Unreader, buf: bytearray) -> bytes:
        if self._is_usual(buf):
            try:
                # If it asked for more, it would wait where the other one refuses.
                read: bytes = super()._parse_fast(  # type: ignore[misc]
                    _NOTHING_MORE, buf
                )
                return read
            except (ParseException, NoMoreData):
                pass
        read = self._parse_python(unreader, buf)  # type: ignore[attr-defined]
        return read

    def _is_usual(self, buf: bytearray) -> bool:
        # Both limits are at least as long as the head, so no line of it exceeds them.
        longest = min(self.limit_request_line, self.limit_request_field_size)
        if not 0 < buf.find(b"\r\n\r\n") <= longest:
            return False
        # The parser in C allows several spaces in a row.
        return buf.count(b" ", 0, buf.find(b"\r\n")) == 2
