"""A single measurement of a contender: its load and its cost."""

from dataclasses import dataclass
from statistics import median

import requests
from redis import Redis

from tests.benchmarks import clients, redis_pages
from tests.benchmarks.contenders import CONTENDERS, WORKERS, Storage
from tests.benchmarks.loading import load_for
from tests.benchmarks.meanwhile import repeating
from tests.benchmarks.running import Testbed
from tests.benchmarks.targets import Target

_WARM_UP = 0.2
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """A contender, its load, and the settings of Redis."""

    name: str
    contender: str
    connections: int
    appendfsync: str = "everysec"

    pages: int = 0
    """The number of pages that are stored before."""

    target: Target = Target()

    rate: float | None = None
    """Requests per second, or None for a closed loop."""

    meanwhile: str | None = None
    """One of the activities in meanwhile.py, which is repeated."""

    workers: int = WORKERS
    """The number of workers. Only Gunicorn can have another one than WORKERS."""

    seconds: float | None = None
    """How long it is measured, or None if it is as long as other cases."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The measured figures. CPU times are those of a request, or of each view in it."""

    requests_per_s: float
    server_cpu_us: float

    redis_cpu_us: float | None
    """None if the contender does not count in Redis."""

    cpu_us: float
    """The CPU time of the server and of Redis."""

    p50_ms: float
    p99_ms: float
    max_ms: float

    memory_mb: float
    """At the end, including traces of all load on the contender so far."""

    meanwhile_ms: float | None
    """The median duration of the activity, or None if none was completed."""


def measure(testbed: Testbed, seconds: float, case: Case) -> Figures:
    """Load the contender of the case after a warm-up, for this time if it has none."""
    seconds = case.seconds or seconds
    server = testbed.contender(case.contender, case.workers)
    storage = CONTENDERS[case.contender].storage
    testbed.redis.config_set("appendfsync", case.appendfsync)
    of_file, of_redis = (
        (case.pages, 0) if storage is Storage.SQLITE else (0, case.pages)
    )
    testbed.counts_file.fill(of_file)
    redis_pages.fill(testbed.redis, of_redis)
    requests.get(server.url, timeout=_TIMEOUT_S).raise_for_status()
    warm_up = seconds * _WARM_UP
    backend = testbed.backend(storage)
    with repeating(case.meanwhile, server.url, backend) as durations_ms:
        clients.load(server.url, case.target, case.connections, warm_up, case.rate)
        server_cpu_s, redis_cpu_s = server.cpu_s(), _cpu_s(testbed.redis)
        seen = _load(server.url, case, seconds)
        server_cpu_s = server.cpu_s() - server_cpu_s
        redis_cpu_s = _cpu_s(testbed.redis) - redis_cpu_s
    counted_in_redis_s = redis_cpu_s if storage is Storage.REDIS else 0.0
    parts = seen.requests * max(case.target.views, 1)
    return Figures(
        requests_per_s=seen.requests / seen.seconds,
        server_cpu_us=server_cpu_s / parts * 1e6,
        redis_cpu_us=counted_in_redis_s / parts * 1e6 or None,
        cpu_us=(server_cpu_s + counted_in_redis_s) / parts * 1e6,
        p50_ms=seen.p50_ms,
        p99_ms=seen.p99_ms,
        max_ms=seen.max_ms,
        memory_mb=server.memory_mb(),
        meanwhile_ms=median(durations_ms) if durations_ms else None,
    )


def _load(url: str, case: Case, seconds: float) -> clients.Measured:
    if case.rate is None:
        return load_for(seconds)(url, case.target, case.connections, seconds)
    return clients.load(url, case.target, case.connections, seconds, case.rate)


def _cpu_s(redis: Redis) -> float:
    """Return the CPU time that Redis has used so far. Its own figure is precise."""
    used = redis.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])
