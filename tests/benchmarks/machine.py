"""The machine and the versions that the figures depend on."""

import json
import os
import platform
import re
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

from redis import Redis

_PACKAGES = (
    *("page-tracker", "gunicorn", "gevent", "redis", "apsw", "flask"),
    *("fastapi", "uvicorn", "uvloop", "httptools", "granian"),
)
_OF_NPM = Path(__file__).with_name("contenders") / "javascript/package.json"


def describe(redis: Redis) -> dict[str, object]:
    """Return the properties of the machine and the versions of the programs."""
    info = redis.info("server")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "kernel": platform.platform(),
        "python": platform.python_version(),
        "fsync_ms": _fsync_ms(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "packages of npm": json.loads(_OF_NPM.read_text("utf-8"))["dependencies"],
        # Valkey reports its own version, and the version of Redis that it replaces.
        info.get("server_name", "redis"): info.get(
            "valkey_version", info["redis_version"]
        ),
    }


def _version(package: str) -> str | None:
    """Return the version of a package, or None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    """Return the model of the CPU, or its architecture if Linux does not name it."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        text = ""
    model = re.search(r"model name\s*: (.*)", text)
    return model[1] if model else platform.machine()


def _fsync_ms() -> float:
    """Return the median duration of an fsync, which appendfsync waits for."""
    times = []
    with TemporaryFile(buffering=0) as file:
        for _ in range(100):
            file.write(bytes(100))
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return median(times)
