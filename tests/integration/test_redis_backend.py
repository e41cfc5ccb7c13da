"""Counting in Redis and in Valkey."""

import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme
from redis import Redis, RedisError

from page_tracker import BackendError, LimitReachedError, Limits, Page, View
from page_tracker.backends import shared_check
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS
from tests.conftest import StartRedis
from tests.contract import DAY, CounterBackendContract, OpenBackend
from tests.fake_redis import FakeRedis
from tests.servers import RedisServer, redis_servers, wait_until


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the contract on every available server, or only on that of --redis-url."""
    if "server" in metafunc.fixturenames:
        named = metafunc.config.getoption("--redis-url")
        names = ["named"] if named else list(redis_servers())
        metafunc.parametrize("server", names, scope="session")


@pytest.fixture(name="url", scope="session")
def fixture_url(
    server: str, pytestconfig: pytest.Config, start_redis: StartRedis
) -> str:
    """The URL of the server."""
    named: str | None = pytestconfig.getoption("--redis-url")
    return named or start_redis(name=server).url


class TestRedisBackend(CounterBackendContract):
    """The contract in Redis and in Valkey."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self, url: str, page: Page) -> Iterator[OpenBackend]:
        """Return a function that opens a backend with its own connections."""
        yield lambda limits: RedisBackend(url, deadline_s=10, limits=limits)
        with Redis.from_url(url) as client:
            client.delete(f"page_views:{page.site}", f"page_views:www.{page.site}")


@pytest.fixture(name="key")
def fixture_key(redis_client: Redis, page: Page) -> Iterator[str]:
    """The key with the views of a new site."""
    key = f"page_views:{page.site}"
    yield key
    redis_client.delete(key)


def test_should_continue_from_the_stored_number(
    redis_url: str, redis_client: Redis, page: Page, key: str
) -> None:
    redis_client.set(key, 4)

    tally = RedisBackend(redis_url).record(View(page, DAY))

    assert tally.site_views == 5
    assert redis_client.get(key) == b"5"


@pytest.mark.parametrize("stored", ["many", str(2**63 - 1), "1.5", ""])
def test_should_not_change_a_value_that_cannot_be_incremented(
    redis_url: str, redis_client: Redis, page: Page, key: str, stored: str
) -> None:
    redis_client.set(key, stored)

    with pytest.raises(BackendError):
        RedisBackend(redis_url).record(View(page, DAY))

    assert redis_client.get(key) == stored.encode()


def test_should_not_add_views_beyond_the_numbers_that_are_exact(
    redis_url: str, page: Page
) -> None:
    backend = RedisBackend(redis_url)
    backend.add_views(page, MAX_VIEWS, day=DAY)

    with pytest.raises(BackendError, match="too large"):
        backend.add_views(page, 2, day=DAY)

    assert backend.tally(page, DAY).page_views == MAX_VIEWS
    assert backend.add_views(page, 1 - MAX_VIEWS).page == MAX_VIEWS
    assert backend.tally(page, DAY).site_views == 1


def test_should_fail_to_tally_when_the_stored_value_is_not_a_number(
    redis_url: str, redis_client: Redis, page: Page, key: str
) -> None:
    redis_client.set(key, "many")

    with pytest.raises(BackendError):
        RedisBackend(redis_url).tally(page, DAY)


def test_should_fail_in_time_when_a_new_connection_gets_no_answer(
    own_redis: RedisServer, page: Page
) -> None:
    backend = RedisBackend(own_redis.url.replace("//", "//me:s3cret@") + "/1")
    own_redis.suspend()

    begun = time.monotonic()
    with pytest.raises(BackendError):
        backend.record(View(page, DAY))
    assert 2 <= time.monotonic() - begun < 4

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        checks = [threads.submit(backend.check) for _ in range(8)]
    assert all(isinstance(check.exception(), BackendError) for check in checks)
    assert time.monotonic() - begun < 1


def test_should_ask_again_for_an_address_that_is_not_found_in_time(
    own_redis: RedisServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Podman's name service loses questions while it learns of a new container."""
    find, asked, over = socket.getaddrinfo, count(1), Event()

    def lose_the_first(*arguments: Any) -> Any:
        if next(asked) == 1:
            over.wait()
        return find(*arguments)

    monkeypatch.setattr(socket, "getaddrinfo", lose_the_first)
    backend = RedisBackend(own_redis.url)
    try:
        numbers_seen = [backend.record(View(page, DAY)).site_views for _ in range(2)]
    finally:
        over.set()

    assert numbers_seen == [1, 2]


@pytest.mark.parametrize(
    ("command", "warning"),
    [
        ("CONFIG SET maxmemory-policy allkeys-lru", "maxmemory-policy is allkeys-lru"),
        ("CONFIG SET appendonly no", "no append-only file"),
        ("ACL SETUSER default -info", "refuses INFO"),
    ],
)
def test_should_warn_about_settings_that_can_lose_counts(
    own_redis: RedisServer, command: str, warning: str
) -> None:
    assert not RedisBackend(own_redis.url).check().warnings
    with Redis.from_url(own_redis.url) as client:
        client.execute_command(command)

    (warned,) = RedisBackend(own_redis.url).check().warnings

    assert warning in warned


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("ACL SETUSER default -zincrby", "may not run a command that the scripts use"),
        ("ACL SETUSER default -evalsha", r"may not run evalsha; grant it \+evalsha"),
        ("ACL SETUSER default -eval", r"may not run eval; grant it \+eval"),
        ("ACL SETUSER default resetkeys ~page_views*", "may not use the keys"),
        ("CONFIG SET maxmemory 1", "the memory of Redis is full; raise maxmemory"),
        ("CONFIG SET min-replicas-to-write 1", "too few replicas"),
        ("CONFIG SET requirepass new", "asks for a password"),
        ("REPLICAOF localhost 1", "is a replica"),
        ("SET {page_views}:sites text", "wrong type"),
    ],
)
def test_should_say_why_redis_cannot_count(
    own_redis: RedisServer, command: str, reason: str
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.execute_command(command)

    with pytest.raises(BackendError, match=reason):
        RedisBackend(own_redis.url).check()


def test_should_be_ready_without_permissions_that_a_view_does_not_need(
    own_redis: RedisServer,
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.execute_command("ACL SETUSER default -ping -unlink -copy")

        RedisBackend(own_redis.url).check()

        assert all(client.ttl(key) > 0 for key in client.keys())


def test_should_be_ready_if_redis_has_closed_an_idle_connection(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_check, "_VALID_FOR_S", 0.0)
    backend = RedisBackend(own_redis.url)
    backend.check()
    with Redis.from_url(own_redis.url) as client:
        client.execute_command("CLIENT KILL TYPE normal SKIPME yes")

        assert not backend.check().warnings

    own_redis.kill()
    with pytest.raises(BackendError, match="no Redis listens at its address; start"):
        backend.check()


def test_should_be_ready_if_only_one_site_cannot_be_counted(
    own_redis: RedisServer,
) -> None:
    backend = RedisBackend(own_redis.url)
    with Redis.from_url(own_redis.url) as client:
        client.hset("page_views:bad.example", "field", "value")

    with pytest.raises(BackendError) as failed:
        backend.record(View(Page("bad.example", "/"), DAY))
    backend.check()

    assert "page_views:bad.example, or a key that begins" in str(failed.value)


def test_should_leave_nothing_behind_after_a_check(own_redis: RedisServer) -> None:
    with Redis.from_url(own_redis.url) as client:
        RedisBackend(own_redis.url, limits=Limits(repeats_s=60)).check()
        kept = client.dbsize()
        client.execute_command("ACL SETUSER default -zincrby")
        with suppress(BackendError):
            RedisBackend(own_redis.url).check()

        assert kept == client.dbsize() == 0


@pytest.mark.parametrize("command", ["EVAL", "ZINCRBY"])
def test_should_not_be_ready_without_a_command(
    start_redis: StartRedis, command: str
) -> None:
    server = start_redis("--rename-command", command, "HIDDEN")

    with pytest.raises(BackendError, match="rename-command"):
        RedisBackend(server.url).check()
    server.kill()


def test_should_share_the_result_of_a_check() -> None:
    with FakeRedis(lambda command: None) as server:
        backend = RedisBackend(f"redis://127.0.0.1:{server.port}")
        with ThreadPoolExecutor(50) as threads:
            checks = [threads.submit(backend.check) for _ in range(100)]

    assert all(isinstance(check.exception(), BackendError) for check in checks)
    # One check, which tries a second time because the server closed the connection.
    assert len(server.commands) == 2


@pytest.mark.parametrize("options", [(), ("--rename-command", "AUTH", "X")])
def test_should_not_quote_the_password_when_it_is_refused(
    start_redis: StartRedis, options: tuple[str, ...]
) -> None:
    server = start_redis(*options)
    backend = RedisBackend(server.url.replace("//", "//me:s3cret@"))

    with pytest.raises(BackendError) as failed:
        backend.check()
    server.kill()

    assert isinstance(failed.value.__cause__, RedisError)
    assert "s3cret" not in "".join(traceback.format_exception(failed.value))


def test_should_count_over_a_unix_socket(own_redis: RedisServer, page: Page) -> None:
    backend = RedisBackend(f"{own_redis.socket_url}?db=2")

    assert backend.record(View(page, DAY)).site_views == 1
    with Redis.from_url(f"{own_redis.url}/2") as client:
        assert client.get(f"page_views:{page.site}") == b"1"


def test_should_count_over_tls_with_trusted_servers_only(tmp_path: Path) -> None:
    view = View(FRONT_PAGE, DAY)
    authority, other = trustme.CA(), trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    for name, trusted in (("right", authority), ("wrong", other)):
        trusted.cert_pem.write_to_path(str(tmp_path / name))

    with FakeRedis(lambda command: b"$7\r\n1 1 0 1\r\n", tls) as server:
        url = f"rediss://localhost:{server.port}?ssl_ca_certs={tmp_path}"
        assert RedisBackend(f"{url}/right").record(view).site_views == 1
        with pytest.raises(BackendError):
            RedisBackend(f"{url}/wrong", deadline_s=0.5).record(view)


def test_should_fail_while_redis_is_down_and_recover_afterwards(
    own_redis: RedisServer, page: Page
) -> None:
    backend = RedisBackend(own_redis.url, deadline_s=0.5)
    backend.record(View(page, DAY))
    own_redis.kill()
    with pytest.raises(BackendError):
        backend.record(View(page, DAY))
    for _ in range(2):
        with pytest.raises(BackendError):
            backend.check()

    own_redis.start()

    wait_until(lambda: is_able_to_serve(backend), "a successful check")
    wait_until(lambda: numbers(backend, page) == [2], "a successful probe")


def numbers(backend: RedisBackend, page: Page) -> list[int]:
    """Record a view, and return its number, or nothing if that fails."""
    try:
        return [backend.record(View(page, DAY)).site_views]
    except BackendError:
        return []


def is_able_to_serve(backend: RedisBackend) -> bool:
    """Return whether a check finds no problem."""
    try:
        return not backend.check().warnings
    except BackendError:
        return False


def test_should_respect_the_limit_of_sites(own_redis: RedisServer) -> None:
    backend = RedisBackend(own_redis.url, limits=Limits(sites=2))
    with Redis.from_url(own_redis.url) as client:
        client.sadd("{page_views}:sites", "known.example")

        backend.record(View(FRONT_PAGE, DAY))
        backend.record(View(Page("new.example", "/"), DAY))
        with pytest.raises(LimitReachedError):
            backend.record(View(Page("other.example", "/"), DAY))
        backend.record(View(Page("known.example", "/"), DAY))

        assert client.smembers("{page_views}:sites") == {
            b"known.example",
            b"new.example",
        }
        assert not client.keys("*other.example*")


def test_should_check_regularly_whether_a_site_is_known(
    own_redis: RedisServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page_tracker.backends.redis.admission._KNOWN_S", 0.0)
    backend = RedisBackend(own_redis.url, limits=Limits(sites=1))
    with Redis.from_url(own_redis.url) as client:
        backend.record(View(page, DAY))
        client.flushall()

        assert backend.record(View(page, DAY)).site_views == 1
        assert client.smembers("{page_views}:sites") == {page.site.encode()}

        # If the check fails, known sites remain known.
        client.delete("{page_views}:sites")
        client.set("{page_views}:sites", "no set")
        assert backend.record(View(page, DAY)).site_views == 2
        with pytest.raises(BackendError):
            backend.record(View(Page("new.example", "/"), DAY))

        client.delete("{page_views}:sites")
        client.sadd("{page_views}:sites", "other.example")
        with pytest.raises(LimitReachedError):
            backend.record(View(page, DAY))
