"""Counting with Redis Sentinel and Redis Cluster."""

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from page_tracker import BackendError, CounterBackend, Page, View
from page_tracker.backends import group_commit
from page_tracker.backends.redis.backend import RedisBackend
from tests.contract import DAY, CounterBackendContract, OpenBackend
from tests.servers import free_port, wait_until
from tests.topologies import ClusterRedis, SentinelRedis, running


@pytest.fixture(name="url", scope="module", params=[SentinelRedis, ClusterRedis])
def fixture_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the servers."""
    folder = tmp_path_factory.mktemp("servers")
    with running(request.param, folder) as servers:
        yield servers.url


class TestSeveralServers(CounterBackendContract):
    """The contract with Sentinels and in a Cluster."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, url: str) -> OpenBackend:
        """Return a function that opens a backend with its own connections."""
        return lambda limits: RedisBackend(url, deadline_s=10, limits=limits)

    def test_should_have_no_warnings(self, backend: CounterBackend) -> None:
        assert not backend.check().warnings


def test_should_not_quote_the_password_when_no_sentinel_answers(page: Page) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    backend = RedisBackend(
        f"redis+sentinel://:s3cret@{nobody}/mymaster?sentinel_password=s3cret",
        deadline_s=1,
    )

    with pytest.raises(BackendError) as failed:
        backend.record(View(page, DAY))

    assert "no Sentinel names a master" in str(failed.value.__cause__)
    assert "s3cret" not in "".join(traceback.format_exception(failed.value))


def reason_against(url: str) -> str:
    """Return why views would not be counted there, or "" if they would be.

    On a busy machine, a check may need more than its time to connect to a cluster.
    """
    backend, reasons = RedisBackend(url), [""]

    def has_ended_in_time() -> bool:
        try:
            backend.check()
            reasons.append("")
        except BackendError as error:
            reasons.append(str(error))
        late = ("did not answer within", "has stopped answering")
        return not any(text in reasons[-1] for text in late)

    wait_until(has_ended_in_time, "a check that ends in time")
    return reasons[-1]


def fail(*_: object) -> None:
    """Fail like a machine that has no more threads."""
    raise RuntimeError("can't start new thread")


def test_should_count_in_a_cluster_without_another_thread_once_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = [View(Page(f"{number}.example", "/"), DAY) for number in range(50)]
    with running(ClusterRedis, tmp_path) as servers:
        backend = RedisBackend(servers.url, deadline_s=10)
        for view in views:
            backend.record(view)
        monkeypatch.setattr(f"{group_commit.__name__}._LingeringThread.call", fail)

        tallies = [backend.record(view) for view in views]

    assert [tally.page_views for tally in tallies] == [2] * len(views)


def test_should_rehearse_on_each_master_of_a_cluster(tmp_path: Path) -> None:
    with running(ClusterRedis, tmp_path) as servers:
        assert reason_against(servers.url) == ""
        for master in servers.masters:
            with Redis.from_url(master.url) as client:
                # A plain URL leads only to the sites of one master.
                assert "is a server of a cluster" in reason_against(master.url)
                client.execute_command("ACL SETUSER default -zincrby")
                assert "may not run a command" in reason_against(servers.url)
                client.execute_command("ACL SETUSER default +zincrby")

                assert client.dbsize() == 0
        assert reason_against(servers.url) == ""
