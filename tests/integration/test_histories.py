"""The backends agree, whatever happens, and however often a batch is sent."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ResponseError

from page_tracker import MemoryBackend, Page, Tally, View
from page_tracker.backends import redis_calls as calls
from page_tracker.backends.redis import RedisBackend

pytestmark = pytest.mark.timeout(120)

VISITORS = [f"visitor {number}" for number in range(8)]
SALT = bytes(16)
DAYS = [date(2026, 11, 22), date(2026, 11, 23)]
PATHS = ["/", "/a b", "/é", "/" + "x" * 500]
SITES = ["one", "two"]

views = st.builds(
    View,
    page=st.builds(Page, site=st.sampled_from(SITES), path=st.sampled_from(PATHS)),
    day=st.sampled_from(DAYS),
    visitor=st.none() | st.sampled_from(VISITORS),
)
# What is viewed at once, moment after moment.
histories = st.lists(st.lists(views, min_size=1, max_size=12), max_size=8)


def of_this_run(view: View, run: str) -> View:
    """Move a view to a site that nothing was ever recorded of."""
    return View(Page(f"{view.page.site}.{run}", view.page.path), view.day, view.visitor)


def record_at_once(
    backend: MemoryBackend | RedisBackend, moment: Sequence[View]
) -> list[tuple[Page, Tally]]:
    """Record views in as many threads; return their tallies."""
    with ThreadPoolExecutor(len(moment)) as threads:
        tallies = list(threads.map(backend.record, moment))
    return [(view.page, tally) for view, tally in zip(moment, tallies, strict=True)]


def numbers(tallies: Sequence[tuple[Page, Tally]]) -> tuple[Counter[object], ...]:
    """Tell which numbers were given, of sites and of pages, and how often."""
    return (
        Counter((page.site, tally.site_views) for page, tally in tallies),
        Counter((page, tally.page_views) for page, tally in tallies),
    )


def assert_same(in_redis: Tally, in_memory: Tally) -> None:
    """Compare tallies: views are exact, visitors an estimate."""
    assert in_redis.page_views == in_memory.page_views
    assert in_redis.site_views == in_memory.site_views
    assert abs(in_redis.site_visitors_today - in_memory.site_visitors_today) <= 1


@settings(max_examples=50, deadline=None)
@given(histories)
def test_should_agree_on_every_history(
    redis_url: str, history: list[list[View]]
) -> None:
    run, memory, redis = uuid4().hex, MemoryBackend(), RedisBackend(redis_url)
    for moment in history:
        viewed = [of_this_run(view, run) for view in moment]

        in_memory, in_redis = (
            record_at_once(backend, viewed) for backend in (memory, redis)
        )

        assert numbers(in_redis) == numbers(in_memory)
        for page in {view.page for view in viewed}:
            for day in DAYS:
                assert_same(redis.tally(page, day), memory.tally(page, day))


batches = st.lists(
    st.tuples(
        st.lists(views, min_size=1, max_size=12),
        st.integers(min_value=1, max_value=4),
        st.lists(st.integers(min_value=0, max_value=7), max_size=2),
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(batches)
def test_should_count_a_batch_once_however_often_it_comes(
    redis_url: str, history: list[tuple[list[View], int, list[int]]]
) -> None:
    run, memory = uuid4().hex, MemoryBackend()
    sent: list[calls.Call[Tally]] = []
    with Redis.from_url(redis_url) as client:
        for moment, times, late in history:
            viewed = [View(Page(run, v.page.path), DAYS[0], v.visitor) for v in moment]
            call = calls.record("writer", len(sent) + 1, viewed, SALT)

            (tallies,) = map(call.read, {send(client, call) for _ in range(times)})
            for earlier in (sent[place] for place in late if place < len(sent)):
                with pytest.raises(ResponseError, match="^STALE"):
                    send(client, earlier)
            sent.append(call)

            assert [views_of(tally) for tally in tallies] == [
                views_of(memory.record(view)) for view in viewed
            ]
            read = calls.tally(viewed[0].page, DAYS[0])
            (in_redis,) = read.read(send(client, read))
            assert_same(in_redis, memory.tally(viewed[0].page, DAYS[0]))


def views_of(tally: Tally) -> tuple[int, int]:
    """Return what is exact in a tally."""
    return tally.site_views, tally.page_views


def send(client: Redis, call: calls.Call[Tally]) -> bytes:
    """Send a call once; return the reply."""
    reply: bytes = client.execute_command(*call.by_source())
    return reply
