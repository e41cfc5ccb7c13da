"""Redis servers that work together: Redis Sentinel and Redis Cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis.crc import key_slot

from page_tracker.backends.redis.keys import site_key
from tests.servers import RedisServer, free_port, redis_servers, wait_until

SLOTS = 16384


class SentinelRedis:
    """A master, a replica, and three Sentinels that promote the replica if needed."""

    def __init__(self, executable: str, folder: Path, *options: str) -> None:
        names = ["master", "replica", "sentinel-1", "sentinel-2", "sentinel-3"]
        folders = [folder / name for name in names]
        for each in folders:
            each.mkdir()
        # Otherwise, the master waits 5 s for other replicas before it sends its data.
        options = ("--repl-diskless-sync-delay", "0", *options)
        self.master = RedisServer(executable, folders[0], *options)
        port = self.master.port
        self.replica = RedisServer(
            executable, folders[1], *options, "--replicaof", f"127.0.0.1 {port}"
        )
        self._sentinels = [_Sentinel(executable, each, port) for each in folders[2:]]
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self._sentinels)
        self.url = f"redis+sentinel://{hosts}/mymaster/0"

    def start(self) -> None:
        """Start all servers, and wait until a failover is possible."""
        self.master.start()
        self.replica.start()
        with Redis.from_url(self.replica.url) as client:
            wait_until(
                lambda: client.info("replication")["master_link_status"] == "up",
                "the replica to have the master's data",
            )
        for server in self._sentinels:
            server.start()
        for server in self._sentinels:
            wait_until(server.knows_all, "the Sentinels to know one another")

    def fail_over(self) -> None:
        """Promote the replica while the master keeps running."""
        _ask(self._sentinels[0], "SENTINEL FAILOVER", "mymaster")
        wait_until(self._is_replica_promoted, "the replica to be promoted")

    def _is_replica_promoted(self) -> bool:
        try:
            return bool(_ask(self.replica, "ROLE")[0] == b"master")
        except RedisConnectionError:
            # The Sentinels disconnect all clients of a replica that they promote.
            return False

    def kill(self) -> None:
        """Kill all servers."""
        for server in (*self._sentinels, self.replica, self.master):
            server.kill()


class _Sentinel(RedisServer):
    ready = "+monitor master"

    def __init__(self, executable: str, folder: Path, master_port: int) -> None:
        super().__init__(executable, folder)
        # Sentinel requires a configuration file, because it stores its state there.
        file = folder / "sentinel.conf"
        file.write_text(
            f"bind 127.0.0.1\n"
            f"port {self.port}\n"
            f"dir {folder}\n"
            f"logfile {folder}/log\n"
            f"sentinel monitor mymaster 127.0.0.1 {master_port} 2\n"
            f"sentinel down-after-milliseconds mymaster 500\n"
            f"sentinel failover-timeout mymaster 2000\n"
        )
        self.command = [executable, str(file), "--sentinel"]

    def knows_all(self) -> bool:
        """Return whether it knows the other two, and a replica that it can promote."""
        with Redis.from_url(self.url) as client:
            master = client.sentinel_master("mymaster")
            replicas = client.sentinel_slaves("mymaster")
        return master["num-other-sentinels"] == 2 and any(
            replica["master-link-status"] == "ok" for replica in replicas
        )


class ClusterRedis:
    """A Cluster of three masters, each with a third of the slots."""

    def __init__(self, executable: str, folder: Path, *options: str) -> None:
        self._executable = executable
        self._folder = folder
        self._options = options
        self.masters: list[RedisServer] = []
        self.url = ""

    def start(self) -> None:
        """Start the masters, connect them, and wait until they serve every slot."""
        for _ in range(3):
            self._start_master()
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.masters)
        self.url = f"redis+cluster://{hosts}"
        bounds = [SLOTS * number // 3 for number in range(4)]
        for first, end, server in zip(bounds, bounds[1:], self.masters, strict=False):
            _ask(server, "CLUSTER ADDSLOTSRANGE", first, end - 1)
        wait_until(self._is_whole, "the Cluster to serve every slot")

    def add(self) -> None:
        """Start another master, without slots."""
        self._start_master()
        wait_until(self._is_whole, "the Cluster to know the new master")

    def _start_master(self) -> None:
        own = self._folder / f"master-{len(self.masters)}"
        own.mkdir()
        bus_port = free_port()
        cluster = ["--cluster-enabled", "yes", "--cluster-port", str(bus_port)]
        cluster += ["--cluster-node-timeout", "1000"]
        # If a master is down, the others continue.
        cluster += ["--cluster-require-full-coverage", "no"]
        # A master that has handed over its last slot stays a master.
        cluster += ["--cluster-allow-replica-migration", "no"]
        server = RedisServer(self._executable, own, *cluster, *self._options)
        self.masters.append(server)
        server.start()
        _ask(self.masters[0], "CLUSTER MEET", "127.0.0.1", server.port, bus_port)

    def kill(self) -> None:
        """Kill all servers."""
        for server in self.masters:
            server.kill()

    def owner(self, slot: int) -> RedisServer:
        """Return the master that owns a slot."""
        for first, last, node, *_ in _ask(self.masters[0], "CLUSTER SLOTS"):
            if first <= slot <= last:
                return next(one for one in self.masters if one.port == node[1])
        raise AssertionError(f"no master owns slot {slot}")

    def owner_of(self, site: str) -> RedisServer:
        """Return the master that counts a site. That of "" stores the known sites."""
        return self.owner(key_slot(site_key(site).encode()))

    def site_of(self, master: RedisServer) -> str:
        """Return a site that this master counts."""
        sites = (f"{number}.example" for number in count())
        return next(site for site in sites if self.owner_of(site) is master)

    def move_slot(self, slot: int) -> None:
        """Move a slot and its keys to the next master while the slot is in use."""
        source = self.owner(slot)
        target = self.masters[(self.masters.index(source) + 1) % len(self.masters)]
        source_id, target_id = (_ask(one, "CLUSTER MYID") for one in (source, target))
        _ask(target, "CLUSTER SETSLOT", slot, "IMPORTING", source_id)
        _ask(source, "CLUSTER SETSLOT", slot, "MIGRATING", target_id)
        # Move the keys one by one, so that meanwhile both masters have some of them.
        while keys := _ask(source, "CLUSTER GETKEYSINSLOT", slot, 1):
            _ask(source, "MIGRATE", "127.0.0.1", target.port, keys[0], 0, 5000)
        # The new owner comes first, so that the slot always has an owner.
        for server in (target, source, *self.masters):
            _ask(server, "CLUSTER SETSLOT", slot, "NODE", target_id)

    def _is_whole(self) -> bool:
        infos = [_ask(server, "CLUSTER INFO") for server in self.masters]
        return all(
            info["cluster_state"] == "ok"
            and int(info["cluster_known_nodes"]) == len(self.masters)
            for info in infos
        )


Servers = TypeVar("Servers", SentinelRedis, ClusterRedis)


@contextmanager
def running(kind: type[Servers], folder: Path) -> Iterator[Servers]:
    """Start servers of this kind, and kill them at the end of the block."""
    servers = kind(list(redis_servers().values())[0], folder)
    try:
        servers.start()
        yield servers
    finally:
        servers.kill()


def _ask(server: RedisServer, *command: str | bytes | int) -> Any:
    with Redis.from_url(server.url) as client:
        return client.execute_command(*command)
