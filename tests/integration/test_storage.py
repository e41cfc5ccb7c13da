"""The data in Redis: its keys, its expiry, and its consistency after errors."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from page_tracker import BackendError, Limits, Page, View
from page_tracker.backends.redis.backend import RedisBackend
from tests.contract import DAY
from tests.servers import RedisServer, wait_until

TWO_DAYS, RETENTION = 48 * 3600, 400 * 86400
MAXIMUM = 2**63 - 1


@pytest.fixture(name="name")
def fixture_name(redis_client: Redis, page: Page) -> Iterator[str]:
    """The key with the views of a new site. The site's other keys contain this name."""
    name = f"page_views:{page.site}"
    yield name
    redis_client.delete(*keys(redis_client, name), name)


def keys(client: Redis, name: str) -> list[str]:
    """Return all keys of a site except the one with its views."""
    return [key.decode() for key in client.scan_iter(f"{{{name}}}:*")]


def test_should_store_the_documented_keys(
    redis_url: str, redis_client: Redis, page: Page, name: str
) -> None:
    backend = RedisBackend(redis_url)
    for path, visitor in (("/", "one"), ("/", "two"), ("/other", "one")):
        backend.record(View(Page(page.site, path), DAY, visitor))

    assert redis_client.get(name) == b"3"
    for key in (f"{{{name}}}:pages", f"{{{name}}}:day:{DAY}"):
        assert redis_client.zmscore(key, ["/", "/other"]) == [2, 1]
        assert redis_client.zcard(key) == 2
    assert redis_client.get(f"{{{name}}}:views:{DAY}") == b"3"
    assert redis_client.pfcount(f"{{{name}}}:visitors:{DAY}") == 2
    (writer,) = [key for key in keys(redis_client, name) if "writer" in key]
    last = redis_client.get(writer)
    assert isinstance(last, bytes) and re.fullmatch(rb"\d+ 3 2 1", last)
    assert redis_client.get(f"{{{name}}}:first_day") == str(DAY).encode()
    assert len(keys(redis_client, name)) == 6


def test_should_let_keys_expire(own_redis: RedisServer, page: Page) -> None:
    name = f"page_views:{page.site}"
    redis_client = Redis.from_url(own_redis.url)
    backend = RedisBackend(own_redis.url, limits=Limits(repeats_s=600))
    for _ in range(2):
        backend.record(View(page, DAY, "visitor"))
    (writer,) = [key for key in keys(redis_client, name) if "writer" in key]

    expiry = {
        name: -1,
        f"{{{name}}}:pages": -1,
        f"{{{name}}}:day:{DAY}": RETENTION,
        f"{{{name}}}:views:{DAY}": RETENTION,
        f"{{{name}}}:visitors:{DAY}": RETENTION,
        f"{{{name}}}:ignored:{DAY}": RETENTION,
        f"{{{name}}}:seen": 600,
        "{page_views}:sites": -1,
        writer: TWO_DAYS,
        f"{{page_views}}:salt:{DAY}": TWO_DAYS,
    }
    for key, seconds in expiry.items():
        if seconds == -1:
            assert redis_client.ttl(key) == -1
        else:
            assert seconds - 60 < redis_client.ttl(key) <= seconds
    redis_client.close()


def test_should_share_one_salt_and_store_no_visitor(
    redis_url: str, redis_client: Redis, page: Page, name: str
) -> None:
    for _ in range(2):
        RedisBackend(redis_url).record(View(page, DAY, "192.0.2.1 Browser"))

    assert redis_client.pfcount(f"{{{name}}}:visitors:{DAY}") == 1
    stored = [redis_client.dump(key) for key in keys(redis_client, name)]
    assert not [dump for dump in stored if b"192.0.2.1" in (dump or b"")]


def test_should_count_a_view_when_there_is_no_salt(
    own_redis: RedisServer, page: Page
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.hset(f"{{page_views}}:salt:{DAY}", "field", "value")

        tally = RedisBackend(own_redis.url).record(View(page, DAY, "visitor"))

    assert (tally.site_views, tally.site_visitors_today) == (1, 0)


@pytest.mark.parametrize(
    "key",
    [
        "{}",
        "{{{}}}:pages",
        "{{{}}}:day:2026-11-22",
        "{{{}}}:visitors:2026-11-22",
        "{{{}}}:ignored:2026-11-22",
        "{{{}}}:seen",
    ],
)
def test_should_store_nothing_when_a_key_has_the_wrong_type(
    redis_url: str, redis_client: Redis, page: Page, name: str, key: str
) -> None:
    redis_client.rpush(key.format(name), "a list")
    backend = RedisBackend(redis_url, limits=Limits(repeats_s=600))

    with pytest.raises(BackendError) as refused:
        backend.record(View(page, DAY, "visitor"))

    assert str(refused.value.__cause__) == (
        "WRONGTYPE Operation against a key holding the wrong kind of value"
    )
    assert [name, *keys(redis_client, name)].count(key.format(name)) == 1
    assert redis_client.exists(name) == (key == "{}")
    assert len(keys(redis_client, name)) == (key != "{}")


def test_should_store_recent_views_only_for_the_repeat_interval(
    redis_url: str, redis_client: Redis, page: Page, name: str
) -> None:
    backend = RedisBackend(redis_url, limits=Limits(repeats_s=1))
    backend.record(View(page, DAY, "one"))
    wait_until(
        lambda: backend.record(View(page, DAY, "one")).ignored is None,
        "the interval to end",
    )

    backend.record(View(page, DAY, "two"))

    assert redis_client.zcard(f"{{{name}}}:seen") == 2
    assert redis_client.ttl(f"{{{name}}}:seen") <= 1


def test_should_count_up_to_the_maximum_without_overflow(
    redis_url: str, redis_client: Redis, page: Page, name: str
) -> None:
    redis_client.set(name, MAXIMUM - 2)
    backend = RedisBackend(redis_url)

    numbers = [backend.record(View(page, DAY)).site_views for _ in range(2)]
    before = [redis_client.dump(key) for key in sorted(keys(redis_client, name))]
    with pytest.raises(BackendError) as refused:
        backend.record(View(page, DAY, "visitor"))

    assert numbers == [MAXIMUM - 1, MAXIMUM]
    assert "would overflow" in str(refused.value.__cause__)
    assert redis_client.get(name) == str(MAXIMUM).encode()
    assert before == [
        redis_client.dump(key) for key in sorted(keys(redis_client, name))
    ]


def test_should_count_after_scripts_are_flushed(
    redis_url: str, redis_client: Redis, page: Page, name: str
) -> None:
    backend = RedisBackend(redis_url)

    for number in range(1, 4):
        redis_client.script_flush()
        assert backend.record(View(page, DAY)).site_views == number
        redis_client.script_flush()
        assert backend.tally(page, DAY).site_views == number

    assert redis_client.get(name) == b"3"


def test_should_send_concurrent_views_in_batches(
    own_redis: RedisServer, page: Page
) -> None:
    backend = RedisBackend(own_redis.url, deadline_s=40)
    backend.record(View(page, DAY))
    started: list[None] = []

    def record(_: int) -> int:
        started.append(None)
        return backend.record(View(page, DAY)).site_views

    with Redis.from_url(own_redis.url) as client, ThreadPoolExecutor(100) as threads:
        before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
        client.client_pause(20_000, all=False)
        numbers = threads.map(record, range(100))
        wait_until(lambda: len(started) == 100, "all views to be under way")
        client.client_unpause()
        assert sorted(numbers) == list(range(2, 102))
        after = client.info("commandstats")["cmdstat_evalsha"]["calls"]

    assert after - before <= 4
