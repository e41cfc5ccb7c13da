"""The backends agree on generated views, even if batches are sent repeatedly."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ResponseError

from page_tracker import (
    Ignored,
    LimitReachedError,
    Limits,
    MemoryBackend,
    Page,
    Tally,
    View,
)
from page_tracker.backends.redis.backend import RedisBackend
from page_tracker.backends.redis.recording import TallyRequest, record, tally
from page_tracker.backends.redis.script_calls import Call

pytestmark = pytest.mark.timeout(120)

VISITORS = [f"visitor {number}" for number in range(8)]
SALT = bytes(16)
DAYS = [date(2026, 11, 22), date(2026, 11, 23)]
PATHS = ["/", "/a b", "/é", "/" + "x" * 500]
SITES = ["one", "two"]

REASONS = [Ignored.CRAWLER, Ignored.PREFETCH, Ignored.ADDRESS]
# Each example uses new sites, so their number must not be limited.
MANY = 10**9

views = st.builds(
    View,
    page=st.builds(Page, site=st.sampled_from(SITES), path=st.sampled_from(PATHS)),
    day=st.sampled_from(DAYS),
    visitor=st.none() | st.sampled_from(VISITORS),
    ignored=st.none() | st.sampled_from(REASONS),
)
MOST_AT_ONCE = 12
# A list of moments, each with the views that arrive at the same time.
histories = st.lists(st.lists(views, min_size=1, max_size=MOST_AT_ONCE), max_size=8)
all_limits = st.builds(
    Limits,
    pages_per_site=st.integers(min_value=1, max_value=len(PATHS)),
    sites=st.just(MANY),
    repeats_s=st.sampled_from([0, 3600]),
)

Outcome = Tally | str
"""The tally after a view, or the reason why the view was refused."""


def of_this_run(view: View, run: str) -> View:
    """Return the same view of a new site without counts."""
    page = Page(f"{view.page.site}.{run}", view.page.path)
    return View(page, view.day, view.visitor, view.ignored)


def outcome(backend: MemoryBackend | RedisBackend, view: View) -> Outcome:
    """Record a view, and return the outcome."""
    try:
        return backend.record(view)
    except LimitReachedError as error:
        return str(error)


def exact(result: Outcome) -> object:
    """Return the exact part of an outcome: everything but the number of visitors."""
    if isinstance(result, str):
        return result
    return result.site_views, result.page_views, result.ignored


def assert_same(in_redis: Tally, in_memory: Tally) -> None:
    """Compare tallies. Views are exact, but visitors are an estimate."""
    assert exact(in_redis) == exact(in_memory)
    assert abs(in_redis.site_visitors_today - in_memory.site_visitors_today) <= 1


@settings(max_examples=50)
@given(histories, all_limits)
def test_should_agree_on_sequential_views(
    redis_url: str, history: list[list[View]], limits: Limits
) -> None:
    run = uuid4().hex
    memory, redis = MemoryBackend(limits=limits), RedisBackend(redis_url, limits=limits)
    for view in (of_this_run(view, run) for moment in history for view in moment):
        in_memory, in_redis = outcome(memory, view), outcome(redis, view)

        if isinstance(in_memory, Tally) and isinstance(in_redis, Tally):
            assert_same(in_redis, in_memory)
        else:
            assert in_redis == in_memory
        for day in DAYS:
            assert redis.ignored(view.page.site, [day]) == memory.ignored(
                view.page.site, [day]
            )
            assert_same(redis.tally(view.page, day), memory.tally(view.page, day))


@pytest.fixture(name="threads", scope="module")
def fixture_threads() -> Iterator[ThreadPoolExecutor]:
    """Threads for all examples. Starting new ones for each example would be slow."""
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
        yield threads


@settings(max_examples=50)
@given(histories)
def test_should_agree_on_concurrent_views(
    redis_url: str, threads: ThreadPoolExecutor, history: list[list[View]]
) -> None:
    run, roomy = uuid4().hex, Limits(sites=MANY)
    memory, redis = MemoryBackend(), RedisBackend(redis_url, limits=roomy)
    for moment in history:
        viewed = [of_this_run(view, run) for view in moment]

        in_memory, in_redis = (
            record_concurrently(backend, viewed, threads) for backend in (memory, redis)
        )

        assert numbers(in_redis) == numbers(in_memory)
        for page in {view.page for view in viewed}:
            for day in DAYS:
                assert_same(redis.tally(page, day), memory.tally(page, day))


def record_concurrently(
    backend: MemoryBackend | RedisBackend,
    moment: Sequence[View],
    threads: ThreadPoolExecutor,
) -> list[tuple[Page, Tally]]:
    """Record views concurrently, and return the tallies of those that count."""
    tallies = list(threads.map(backend.record, moment))
    recorded = zip(moment, tallies, strict=True)
    return [(view.page, tally) for view, tally in recorded if tally.ignored is None]


def numbers(tallies: Sequence[tuple[Page, Tally]]) -> tuple[Counter[object], ...]:
    """Return how often each number of each site and of each page was assigned."""
    return (
        Counter((page.site, tally.site_views) for page, tally in tallies),
        Counter((page, tally.page_views) for page, tally in tallies),
    )


batches = st.lists(
    st.tuples(
        st.lists(views, min_size=1, max_size=12),
        st.integers(min_value=1, max_value=4),
        st.lists(st.integers(min_value=0, max_value=7), max_size=2),
    ),
    max_size=8,
)


@settings(max_examples=100)
@given(batches, st.sampled_from([0, 3600]))
def test_should_count_a_batch_once_however_often_it_is_sent(
    redis_url: str,
    history: list[tuple[list[View], int, list[int]]],
    repeats_s: int,
) -> None:
    limits = Limits(repeats_s=repeats_s)
    site, memory = uuid4().hex, MemoryBackend(limits=limits)
    sent: list[tuple[Call[Tally], bytes]] = []
    with Redis.from_url(redis_url) as client:
        for moment, times, late in history:
            viewed = [
                View(Page(site, view.page.path), DAYS[0], view.visitor, view.ignored)
                for view in moment
            ]
            call = record("writer", len(sent) + 1, viewed, SALT, limits)

            (reply,) = {send(client, call) for _ in range(times)}

            assert [exact_result(result) for result in call.parse(reply)] == [
                exact(outcome(memory, view)) for view in viewed
            ]
            for earlier in (sent[place] for place in late if place < len(sent)):
                assert_not_counted_again(client, *earlier)
            sent.append((call, reply))
            assert_same(read(client, viewed[0]), memory.tally(viewed[0].page, DAYS[0]))


def assert_not_counted_again(client: Redis, call: Call[Tally], reply: bytes) -> None:
    """Send an old batch again. Redis refuses it or repeats its reply."""
    try:
        assert send(client, call) == reply
    except ResponseError as error:
        assert str(error).startswith("STALE ")


def read(client: Redis, view: View) -> Tally:
    """Return the current tally of a page."""
    call = tally([TallyRequest(view.page, view.day)])
    (read_tally,) = call.parse(send(client, call))
    assert isinstance(read_tally, Tally)
    return read_tally


def exact_result(result: object) -> object:
    """Return the exact part of a result in a reply."""
    return exact(result if isinstance(result, Tally) else str(result))


def send(client: Redis, call: Call[Tally]) -> bytes:
    """Send a call once, and return the reply."""
    reply: bytes = client.execute_command(*call.by_source())
    return reply
