"""The contenders: the tracker, and other servers with the same response.

All have two workers. One tracker counts in Redis, and another one in a SQLite file. The
others, except the limit, count in Redis, in the key page_views. Some need programs that
not every machine has. Without these, they are left out.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from tests.servers import GUNICORN_CONFIGURED

WORKERS = 2

PORT = "{port}"
"""The placeholder for a free port in the command of a contender."""


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

    in_one_process: bool = False
    """Whether its workers are threads of one process, which logs that text once."""

    storage: Storage = Storage.REDIS
    """Where the contender counts views."""

    needs: Mapping[str, str] = field(default_factory=dict)
    """The programs and folders that it needs, and the commands that install them."""

    def missing(self) -> str:
        """Return what is not installed and how to install it, or "" if nothing is."""
        return "; ".join(
            f"{Path(needed).name} is not installed ({command})"
            for needed, command in self.needs.items()
            if not (shutil.which(needed) or Path(needed).exists())
        )


# Servers find the modules here, not in this package, whose own imports would count as
# memory of the contenders.
_FOLDER = str(Path(__file__).parent)


def _on_gunicorn(module: str) -> tuple[str, ...]:
    """Return the command that serves a module with exactly the tracker's settings."""
    return (
        *(
            argument.replace("page_tracker.app:", f"{module}:")
            for argument in GUNICORN_CONFIGURED
        ),
        *("--pythonpath", _FOLDER),
    )


_UVICORN = (
    *(sys.executable, "-m", "uvicorn", "fastapi_asyncio:app"),
    *("--app-dir", _FOLDER, "--port", "0", "--workers", str(WORKERS)),
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
)

_GRANIAN = (
    *(sys.executable, "-m", "granian", "incr:app", "--interface", "wsgi"),
    *("--working-dir", _FOLDER, "--workers", str(WORKERS), "--port", PORT),
)

_JAVASCRIPT = Path(__file__).with_name("javascript")
_NPM_CI = f"npm ci --prefix tests/benchmarks/contenders/{_JAVASCRIPT.name}"
_SERVING = "Serving on"


def _on_node(script: str) -> Contender:
    """Return a script of Node."""
    return Contender(
        ("node", str(_JAVASCRIPT / script)),
        _SERVING,
        needs={
            "node": "apt-get install nodejs npm",
            str(_JAVASCRIPT / "node_modules"): _NPM_CI,
        },
    )


LIMIT, TRACKER, SQLITE, INCR = "limit", "tracker", "sqlite", "incr"

_BUN = str(_JAVASCRIPT / "node_modules/.bin/bun")

CONTENDERS = {
    LIMIT: Contender(_on_gunicorn("limit"), storage=Storage.NONE),
    TRACKER: Contender(GUNICORN_CONFIGURED),
    SQLITE: Contender(GUNICORN_CONFIGURED, storage=Storage.SQLITE),
    INCR: Contender(_on_gunicorn("incr")),
    "granian": Contender(
        _GRANIAN,
        "Started worker",
        needs={str(Path(sys.executable).with_name("granian")): "pip install granian"},
    ),
    "flask": Contender(_on_gunicorn("flask_tutorial")),
    "fastapi": Contender(_UVICORN, "Application startup complete"),
    "node": _on_node("node.js"),
    "express": _on_node("express.js"),
    "bun": Contender(
        (_BUN, str(_JAVASCRIPT / "bun.js"), PORT), _SERVING, needs={_BUN: _NPM_CI}
    ),
    "webdis": Contender(
        (sys.executable, "-m", f"{__name__}.webdis", PORT),
        "up and running",
        in_one_process=True,
        needs={"webdis": "apt-get install webdis"},
    ),
}


def left_out() -> dict[str, str]:
    """Return the contenders that cannot run on this machine, and the reasons."""
    missing = {name: contender.missing() for name, contender in CONTENDERS.items()}
    return {name: reason for name, reason in missing.items() if reason}
