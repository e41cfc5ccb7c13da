"""The contenders: the tracker, and other servers with the same response.

All have two workers. One tracker counts in Redis, and another one in a SQLite file. The
others, except the limit, count in Redis, in the key page_views.
"""

import sys
from dataclasses import dataclass
from enum import Enum, auto

from tests.servers import GUNICORN_CONFIGURED

WORKERS = 2


class Storage(Enum):
    """The storage of the counts."""

    NONE = auto()
    REDIS = auto()
    SQLITE = auto()


@dataclass(frozen=True, slots=True)
class Contender:
    """The command that starts a contender on a free port of 127.0.0.1."""

    command: tuple[str, ...]

    worker_ready: str = "Booting worker"
    """The text that each worker logs when it has started."""

    storage: Storage = Storage.REDIS
    """Where the contender counts views."""


def _on_gunicorn(module: str) -> tuple[str, ...]:
    """Return the command that serves a module with exactly the tracker's settings."""
    return tuple(
        argument.replace("page_tracker.app:", f"{__name__}.{module}:")
        for argument in GUNICORN_CONFIGURED
    )


_UVICORN = (
    *(sys.executable, "-m", "uvicorn", f"{__name__}.fastapi_asyncio:app"),
    *("--port", "0", "--workers", str(WORKERS)),
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
)

LIMIT, TRACKER, SQLITE, INCR = "limit", "tracker", "sqlite", "incr"

CONTENDERS = {
    LIMIT: Contender(_on_gunicorn("limit"), storage=Storage.NONE),
    TRACKER: Contender(GUNICORN_CONFIGURED),
    SQLITE: Contender(GUNICORN_CONFIGURED, storage=Storage.SQLITE),
    INCR: Contender(_on_gunicorn("incr")),
    "flask": Contender(_on_gunicorn("flask_tutorial")),
    "fastapi": Contender(_UVICORN, "Application startup complete"),
}
