"""Where it was measured, and with what."""

import os
import platform
import re
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

from redis import Redis

_PACKAGES = (
    *("page-tracker", "gunicorn", "gevent", "redis", "flask"),
    *("fastapi", "uvicorn", "uvloop", "httptools"),
)


def describe(redis: Redis) -> dict[str, object]:
    """Name the machine, and the versions of all that has a part in the figures."""
    info = redis.info("server")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "kernel": platform.platform(),
        "python": platform.python_version(),
        "fsync_ms": _fsync_ms(),
        "packages": {name: version(name) for name in _PACKAGES},
        # Valkey says which one it is, and what Redis it can stand in for.
        info.get("server_name", "redis"): info.get(
            "valkey_version", info["redis_version"]
        ),
    }


def _cpu() -> str:
    """Name the model; where Linux does not, at least the kind."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        text = ""
    model = re.search(r"model name\s*: (.*)", text)
    return model[1] if model else platform.machine()


def _fsync_ms() -> float:
    """Measure how long the disk takes that appendfsync waits for: none, in memory."""
    times = []
    with TemporaryFile(buffering=0) as file:
        for _ in range(100):
            file.write(bytes(100))
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return median(times)
