"""The checks of a Redis, and the advice that they give."""

import re
import ssl
from importlib.resources import files
from pathlib import Path

import pytest
import trustme
from redis import Redis

from page_tracker.backends.redis import diagnosis
from page_tracker.backends.redis.diagnosis import examine
from page_tracker.operations.findings import Finding
from tests.fake_redis import FakeRedis
from tests.servers import RedisServer, free_port, wait_until
from tests.topologies import ClusterRedis, SentinelRedis, running


def problems(findings: list[Finding]) -> list[str]:
    """Return the findings that are not ok, each in a line."""
    return [
        f"{each.level} {each.check}: {each.text}; {each.advice}"
        for each in findings
        if each.level != "ok"
    ]


def test_should_find_no_problem_and_leave_no_data(advised_redis: RedisServer) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.config_set("maxmemory", "100mb")
        findings = examine(advised_redis.url)

        assert not problems(findings)
        assert {each.check for each in findings} == {
            "connection",
            "version",
            "eviction",
            "memory",
            "persistence",
            "clock",
            "permissions",
            "counting",
        }
        assert client.dbsize() == 0


def test_should_find_no_problem_with_sentinels(tmp_path: Path) -> None:
    with running(SentinelRedis, tmp_path) as servers:
        assert not problems(examine(servers.url))


def test_should_find_no_problem_in_a_cluster(tmp_path: Path) -> None:
    with running(ClusterRedis, tmp_path) as servers:
        assert not problems(examine(servers.url))


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("CONFIG SET maxmemory-policy allkeys-lru", "warning eviction: .*noeviction"),
        ("CONFIG SET appendonly no", "warning persistence: .*appendonly yes"),
        ("CONFIG SET appendfsync no", "warning persistence: .*everysec"),
        ("CONFIG SET maxmemory 1", "error memory: .*raise maxmemory"),
        ("REPLICAOF 127.0.0.1 1", "error role: .*master"),
        ("CONFIG SET maxmemory 1", "error commands: .*full; raise maxmemory"),
        ("CONFIG SET min-replicas-to-write 1", "error commands: .*; start its replic"),
        ("SET {page_views}:sites text", "error counting: .*_views}, has the wrong"),
        ("ACL SETUSER default -info", r"warning server: .*\+info"),
        ("ACL SETUSER default -zrem -copy", r"error permissions: .*\+copy \+zrem on"),
        (
            "ACL SETUSER default -eval -evalsha",
            r"error scripts: the user of Redis may not run evalsha; grant it \+evalsha",
        ),
        (
            "ACL SETUSER default resetkeys ~{page_views*",
            "error scripts: the user of Redis may not use the keys; grant it ~page_v",
        ),
    ],
)
def test_should_say_what_to_change(
    advised_redis: RedisServer, command: str, problem: str
) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.execute_command(*command.split())

    assert [
        found
        for found in problems(examine(advised_redis.url))
        if re.match(problem, found)
    ]


def test_should_not_report_what_follows_from_a_forbidden_command(
    advised_redis: RedisServer,
) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.execute_command("ACL SETUSER default -zadd -zincrby")

    (found,) = problems(examine(advised_redis.url))

    assert found.startswith("error permissions: Redis refuses zadd, zincrby; ")


def test_should_report_a_disk_that_cannot_be_written(
    advised_redis: RedisServer,
) -> None:
    with Redis.from_url(advised_redis.url) as client:
        (Path(client.config_get("dir")["dir"]) / "dump.rdb").mkdir()
        for name, value in ("appendonly", "no"), ("save", "3600 1"):
            client.config_set(name, value)
        client.set("key", "value")
        client.bgsave()
        wait_until(
            lambda: client.info()["rdb_last_bgsave_status"] == "err", "the save to fail"
        )

    (found,) = problems(examine(advised_redis.url))

    assert "cannot save to its disk: ResponseError: MISCONF" in found
    assert "; free space there and let Redis write to its folder" in found


def test_should_report_certificates_that_do_not_fit(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority, other = trustme.CA(), trustme.CA()
    authority.issue_cert("localhost").configure_cert(tls)
    for name, trusted in (("right", authority), ("wrong", other)):
        trusted.cert_pem.write_to_path(str(tmp_path / name))

    def found(url: str) -> str:
        (problem,) = problems(examine(url, deadline_s=1, setting="X"))
        return problem

    option = f"?ssl_ca_certs={tmp_path}"
    with FakeRedis(lambda command: None, tls) as server:
        urls = [f"{host}:{server.port}{option}" for host in ("localhost", "127.0.0.1")]
        assert "; name the file of its" in found(f"rediss://{urls[0]}/wrong")
        assert "; use the host of the certificate in X" in found(
            f"rediss://{urls[1]}/right"
        )
        assert "begin X with rediss" in found(f"redis://127.0.0.1:{server.port}")


def test_should_report_a_server_without_tls(advised_redis: RedisServer) -> None:
    url = advised_redis.url.replace("redis", "rediss")

    (found,) = problems(examine(url, deadline_s=1, setting="X"))

    assert "; if its port has no TLS, begin X with redis instead of rediss" in found


def test_should_report_a_replica_and_nothing_else(advised_redis: RedisServer) -> None:
    with Redis.from_url(advised_redis.url) as client:
        client.replicaof("127.0.0.1", str(free_port()))

    assert problems(examine(advised_redis.url, setting="--backend")) == [
        "error role: this is a replica, which cannot store views; "
        "set --backend to the master"
    ]


def test_should_report_a_connection_that_fails_during_the_checks(
    advised_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> list[Finding]:
        advised_redis.kill()
        return []

    monkeypatch.setattr(diagnosis, "_check_server", kill)

    (found,) = problems(examine(advised_redis.url))

    assert found.startswith("error connection: ")
    advice = "start Redis, or correct the host and port in PAGE_TRACKER_BACKEND"
    assert found.endswith(f"; {advice}")


def test_should_report_a_failed_connection_without_showing_the_password() -> None:
    url = f"redis://:s3cret@127.0.0.1:{free_port()}"

    (found,) = problems(examine(url, setting="REDIS_URL"))

    assert found.startswith(
        "error connection: no Redis listens at its address: ConnectionError: "
    )
    assert found.endswith("; start Redis, or correct the host and port in REDIS_URL")
    assert "s3cret" not in found


def test_should_report_a_wrong_password_without_showing_it(
    advised_redis: RedisServer,
) -> None:
    url = advised_redis.url.replace("//", "//me:s3cret@")

    (found,) = problems(examine(url))

    assert found.startswith("error connection: Redis refuses the user or the password")
    assert "s3cret" not in found


def test_should_try_each_command_that_the_scripts_use() -> None:
    scripts = files("page_tracker.backends.redis").joinpath("scripts")
    texts = "".join(script.read_text("utf-8") for script in scripts.iterdir())

    tried = re.findall(
        r"^    \{'(\w+)'", scripts.joinpath("try_all.lua").read_text(), re.M
    )

    assert set(tried) == set(re.findall(r"redis\.call\('(\w+)'", texts))
