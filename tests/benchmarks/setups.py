"""Servers of the tracker and masters of Redis that run together on this machine."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
from redis import Redis

from tests.benchmarks import clients
from tests.benchmarks.contenders import CONTENDERS, TRACKER, WORKERS
from tests.benchmarks.loading import Load, load_for
from tests.benchmarks.running import Running
from tests.benchmarks.sizing import wire
from tests.benchmarks.targets import PAGE, Target
from tests.servers import RedisServer, TrackerServer, redis_servers, wait_until
from tests.topologies import ClusterRedis

SITES = 1000
"""How many sites are viewed. Each view names one of them."""

# Otherwise, Redis would rewrite its file in some measurements only.
_OPTIONS = ("--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")


@dataclass(frozen=True, slots=True)
class Setup:
    """How many servers of the tracker there are, and how many masters."""

    servers: int
    masters: int

    load: int = 1
    """How many times as many connections each server has."""

    @property
    def name(self) -> str:
        """What a table calls it."""
        servers = "1 server" if self.servers == 1 else f"{self.servers} servers"
        masters = "1 Redis" if self.masters == 1 else f"{self.masters} masters"
        times = "" if self.load == 1 else f", {self.load} × the connections"
        return f"{servers}, {masters}{times}"


LARGEST = Setup(2, 3, load=3)
"""Its masters are as busy as a single Redis, and each server has a share of them."""

SETUPS = (Setup(1, 1), Setup(2, 1), Setup(1, 3), Setup(2, 3), LARGEST)
"""The first is the one that the others are compared with."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a view costs. All figures but the first and the last four are per view."""

    views_per_s: float
    server_cpu_us: float
    redis_cpu_us: float
    script_calls: float
    reads: float
    """How often Redis reads from a connection. It reads a pipeline at once."""
    received_bytes: float
    """The bytes that Redis receives."""
    sent_bytes: float
    """The bytes that Redis sends."""
    written_bytes: float
    """The bytes that Redis appends to its file."""
    p50_ms: float
    p99_ms: float
    answered: int
    """The views that were answered, including those of the warm-up."""
    counted: int
    """The sum of all sites at the end."""


FIGURES = tuple(field.name for field in fields(Figures))
"""The names of all figures."""


class _Storage:
    """One Redis, or the masters of a cluster."""

    def __init__(self, url: str, masters: Sequence[Redis]) -> None:
        self.url = url
        self._masters = masters

    def used(self, servers: Sequence[Running]) -> dict[str, float]:
        """Return what they and these servers have used so far, by names of figures."""
        infos = [master.info("all") for master in self._masters]

        def total(*names: str) -> float:
            return sum(float(info[name]) for info in infos for name in names)

        calls = (info.get("cmdstat_evalsha", {"calls": 0})["calls"] for info in infos)
        return {
            "server_cpu_us": sum(server.cpu_s() for server in servers) * 1e6,
            "redis_cpu_us": total("used_cpu_user", "used_cpu_sys") * 1e6,
            "script_calls": sum(calls),
            "reads": total("total_reads_processed"),
            "received_bytes": total("total_net_input_bytes"),
            "sent_bytes": total("total_net_output_bytes"),
            "written_bytes": total("aof_current_size"),
        }

    def counted(self, sites: str) -> int:
        """Return the sum of the views of all sites whose names end like this."""
        return sum(
            int(master.get(key) or 0)
            for master in self._masters
            for key in master.scan_iter(f"page_views:*{sites}", count=1000)
        )


class Setups:
    """Storages, and servers that are started when they are first needed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Start one Redis and a cluster. They stop with the stack."""
        self._folder = folder
        self._stack = stack
        self._servers: dict[tuple[int, int], list[Running]] = {}
        self._names = iter(range(10**9))
        executable = list(redis_servers().values())[0]
        for name in ("one", "cluster"):
            (folder / name).mkdir()
        one = RedisServer(executable, folder / "one", *_OPTIONS)
        stack.callback(one.kill)
        one.start()
        cluster = ClusterRedis(executable, folder / "cluster", *_OPTIONS)
        stack.callback(cluster.kill)
        cluster.start()
        self.redis = self._connect(one)
        self._storages = {
            1: _Storage(one.url, [self.redis]),
            3: _Storage(cluster.url, [self._connect(each) for each in cluster.masters]),
        }

    def _connect(self, server: RedisServer) -> Redis:
        client: Redis = self._stack.enter_context(Redis.from_url(server.url))
        return client

    def measure(self, setup: Setup, connections: int, seconds: float) -> Figures:
        """Load all servers of a setup for this time, after as long a warm-up.

        Raises AssertionError if a view was not counted once.
        """
        storage, servers = self._storages[setup.masters], self._running(setup)
        sites = f".m{next(self._names)}.example"
        target = Target(f"/hit.json?page=site{PAGE}{sites}/post", SITES)
        connections *= setup.load
        load = partial(_load_all, servers, target, connections, seconds)
        answered = load(clients.load).requests
        assert storage.counted(sites) == answered
        before = storage.used(servers)
        seen = load(load_for(seconds))
        used = storage.used(servers)
        answered += seen.requests
        counted = storage.counted(sites)
        # wrk exits before it receives the last answers.
        assert answered <= counted <= answered + connections * len(servers)
        return Figures(
            **{name: (used[name] - before[name]) / seen.requests for name in used},
            views_per_s=seen.requests / seen.seconds,
            p50_ms=seen.p50_ms,
            p99_ms=seen.p99_ms,
            answered=answered,
            counted=counted,
        )

    def wire(self) -> tuple[float, float]:
        """Return the sizes of a browser's request and of the answer, in bytes."""
        (server,) = self._running(SETUPS[0])
        return wire(server.url, Target("/hit.json?page=example.com/blog/post"))

    def _running(self, setup: Setup) -> list[Running]:
        key = setup.servers, setup.masters
        if key not in self._servers:
            numbers = range(setup.servers)
            self._servers[key] = [self._start(setup, number) for number in numbers]
        return self._servers[key]

    def _start(self, setup: Setup, number: int) -> Running:
        contender = CONTENDERS[TRACKER]
        server = TrackerServer(
            contender.command,
            self._folder / f"{setup.name}, number {number}",
            {
                "REDIS_URL": self._storages[setup.masters].url,
                "WEB_CONCURRENCY": str(WORKERS),
                # On a busy machine, no view fails because it takes long.
                "PAGE_TRACKER_DEADLINE": "10",
                # Each measurement has its own sites.
                "PAGE_TRACKER_MAX_SITES": "1000000",
            },
        )
        self._stack.callback(server.stop)
        url = server.address()
        wait_until(
            lambda: server.log.count(contender.worker_ready) == WORKERS, "the workers"
        )
        first = psutil.Process(server.pid)
        return Running(url, (first, *first.children(recursive=True)))


def _load_all(
    servers: Sequence[Running],
    target: Target,
    connections: int,
    seconds: float,
    load: Load,
) -> clients.Measured:
    """Load all servers at the same time, each over this many connections."""
    with ThreadPoolExecutor(len(servers)) as pool:
        seen = list(
            pool.map(
                lambda server: load(server.url, target, connections, seconds), servers
            )
        )
    return clients.Measured(
        requests=sum(each.requests for each in seen),
        seconds=max(each.seconds for each in seen),
        p50_ms=median(each.p50_ms for each in seen),
        p99_ms=max(each.p99_ms for each in seen),
        max_ms=max(each.max_ms for each in seen),
    )


@contextmanager
def open_setups() -> Iterator[Setups]:
    """Start the storages. They and all servers stop at the end of the block."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        yield Setups(Path(folder), stack)
