"""What is measured: the tracker, and others that answer the same.

All have two workers. All but the limit count in Redis, under the key page_views.
"""

import sys
from dataclasses import dataclass

from tests.servers import GUNICORN_CONFIGURED

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Contender:
    """How to start it, at a free port of 127.0.0.1."""

    command: tuple[str, ...]

    worker_ready: str = "Booting worker"
    """What each of its workers logs when it has begun."""

    counts: bool = True
    """Whether it counts at all."""


def _on_gunicorn(module: str) -> tuple[str, ...]:
    """Have it served with exactly the tracker's settings."""
    return tuple(
        argument.replace("page_tracker.app:", f"{__name__}.{module}:")
        for argument in GUNICORN_CONFIGURED
    )


_UVICORN = (
    *(sys.executable, "-m", "uvicorn", f"{__name__}.fastapi_asyncio:app"),
    *("--port", "0", "--workers", str(WORKERS)),
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
)

LIMIT, TRACKER, INCR = "limit", "tracker", "incr"

CONTENDERS = {
    LIMIT: Contender(_on_gunicorn("limit"), counts=False),
    TRACKER: Contender(GUNICORN_CONFIGURED),
    INCR: Contender(_on_gunicorn("incr")),
    "flask": Contender(_on_gunicorn("flask_tutorial")),
    "fastapi": Contender(_UVICORN, "Application startup complete"),
}
