"""The checks of a Redis, and the advice that they give."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from redis import Redis

from page_tracker.backends.redis import diagnosis
from page_tracker.backends.redis.diagnosis import examine
from page_tracker.operations.findings import Finding
from tests.servers import RedisServer, free_port
from tests.topologies import ClusterRedis, SentinelRedis, running


def problems(findings: list[Finding]) -> list[str]:
    """Return the findings that are not ok, each in a line."""
    return [
        f"{each.level} {each.check}: {each.text}; {each.advice}"
        for each in findings
        if each.level != "ok"
    ]


def test_should_find_no_problem_and_leave_no_data(own_redis: RedisServer) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", "100mb")
        findings = examine(own_redis.url)

        assert not problems(findings)
        assert {each.check for each in findings} == {
            "connection",
            "version",
            "eviction",
            "memory",
            "persistence",
            "clock",
            "permissions",
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
        ("ACL SETUSER default -info", r"warning server: .*\+info"),
        ("ACL SETUSER default -zrem -copy", r"error permissions: .*\+copy \+zrem on"),
        (
            "ACL SETUSER default -eval -evalsha",
            "error permissions: Redis cannot run scripts",
        ),
        (
            "ACL SETUSER default resetkeys ~{page_views*",
            "error permissions: Redis cannot run scripts",
        ),
    ],
)
def test_should_say_what_to_change(
    own_redis: RedisServer, command: str, problem: str
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.execute_command(*command.split())

    assert [
        found for found in problems(examine(own_redis.url)) if re.match(problem, found)
    ]


def test_should_report_a_replica_and_nothing_else(own_redis: RedisServer) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.replicaof("127.0.0.1", str(free_port()))

    assert problems(examine(own_redis.url, setting="--backend")) == [
        "error role: this is a replica, which cannot store views; "
        "set --backend to the master"
    ]


def test_should_report_a_connection_that_fails_during_the_checks(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> list[Finding]:
        own_redis.kill()
        return []

    monkeypatch.setattr(diagnosis, "_check_server", kill)

    (found,) = problems(examine(own_redis.url))

    assert found.startswith("error connection: ConnectionError: ")


def test_should_report_a_failed_connection_without_showing_the_password() -> None:
    url = f"redis://:s3cret@127.0.0.1:{free_port()}"

    (found,) = problems(examine(url, setting="REDIS_URL"))

    assert found.startswith("error connection: ConnectionError: ")
    assert found.endswith("; start Redis, or correct REDIS_URL")
    assert "s3cret" not in found


def test_should_report_a_wrong_password_without_showing_it(
    own_redis: RedisServer,
) -> None:
    url = own_redis.url.replace("//", "//me:s3cret@")

    (found,) = problems(examine(url))

    assert found.startswith("error connection: AuthenticationError: ")
    assert "s3cret" not in found


def test_should_try_each_command_that_the_scripts_use() -> None:
    scripts = files("page_tracker.backends.redis").joinpath("scripts")
    texts = "".join(script.read_text("utf-8") for script in scripts.iterdir())

    tried = re.findall(
        r"^    \{'(\w+)'", scripts.joinpath("try_all.lua").read_text(), re.M
    )

    assert set(tried) == set(re.findall(r"redis\.call\('(\w+)'", texts))
