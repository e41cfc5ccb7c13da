"""The backends agree on generated views, even if batches are sent repeatedly."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ResponseError

from page_tracker import (
    Count,
    CounterBackend,
    Ignored,
    LimitReachedError,
    Limits,
    MemoryBackend,
    Page,
    Tally,
    View,
    open_backend,
)
from page_tracker.backends.redis.recording import TallyRequest, record, tally
from page_tracker.backends.redis.script_calls import Call
from tests.contract_owner import LONG_AGO, TODAY, YESTERDAY, site_imports

VISITORS = [f"visitor {number}" for number in range(8)]
SALT = bytes(16)
DAYS = [date(2026, 11, 22), date(2026, 11, 23)]
PATHS = ["/", "/a b", "/é", "/" + "x" * 500]
SITES = ["one", "two"]

REASONS = [Ignored.CRAWLER, Ignored.MONITOR, Ignored.PREFETCH, Ignored.ADDRESS]
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


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage that is compared with memory, and which all examples share."""

    url: str

    visitors_error: int
    """By how much the few visitors of a site may differ from the exact number."""

    def open(self, limits: Limits = Limits(sites=MANY)) -> CounterBackend:
        """Open a backend. A busy machine may be slow."""
        return open_backend(self.url, deadline_s=20, limits=limits)

    def assert_same(self, stored: Tally, in_memory: Tally) -> None:
        """Compare tallies."""
        assert exact(stored) == exact(in_memory)
        self.assert_visitors(
            [stored.site_visitors_today], [in_memory.site_visitors_today]
        )

    def assert_visitors(self, stored: Sequence[int], in_memory: Sequence[int]) -> None:
        """Compare numbers of visitors."""
        for number, right in zip(stored, in_memory, strict=True):
            assert abs(number - right) <= self.visitors_error


@pytest.fixture(name="storage", scope="module", params=["redis", "sqlite"])
def fixture_storage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Storage:
    """A storage for all examples."""
    if request.param == "redis":
        return Storage(request.getfixturevalue("redis_url"), visitors_error=1)
    folder = tmp_path_factory.mktemp("counts")
    return Storage(f"sqlite:{folder}/counts.db", visitors_error=0)


def of_this_run(view: View, run: str) -> View:
    """Return the same view of a new site without counts."""
    page = Page(f"{view.page.site}.{run}", view.page.path)
    return View(page, view.day, view.visitor, view.ignored)


def outcome(backend: CounterBackend, view: View) -> Outcome:
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


@settings(max_examples=50)
@given(histories, all_limits)
def test_should_agree_on_sequential_views(
    storage: Storage, history: list[list[View]], limits: Limits
) -> None:
    run = uuid4().hex
    memory, other = MemoryBackend(limits=limits), storage.open(limits)
    for view in (of_this_run(view, run) for moment in history for view in moment):
        in_memory, stored = outcome(memory, view), outcome(other, view)

        if isinstance(in_memory, Tally) and isinstance(stored, Tally):
            storage.assert_same(stored, in_memory)
        else:
            assert stored == in_memory
        for day in DAYS:
            assert other.ignored(view.page.site, [day]) == memory.ignored(
                view.page.site, [day]
            )
            storage.assert_same(
                other.tally(view.page, day), memory.tally(view.page, day)
            )


@pytest.fixture(name="threads", scope="module")
def fixture_threads() -> Iterator[ThreadPoolExecutor]:
    """Threads for all examples. Starting new ones for each example would be slow."""
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
        yield threads


@settings(max_examples=50)
@given(histories)
def test_should_agree_on_concurrent_views(
    storage: Storage, threads: ThreadPoolExecutor, history: list[list[View]]
) -> None:
    run, memory, other = uuid4().hex, MemoryBackend(), storage.open()
    for moment in history:
        viewed = [of_this_run(view, run) for view in moment]

        in_memory = record_concurrently(memory, viewed, threads)
        stored = record_concurrently(other, viewed, threads)

        assert numbers(stored) == numbers(in_memory)
        for page in {view.page for view in viewed}:
            for day in DAYS:
                storage.assert_same(other.tally(page, day), memory.tally(page, day))


def record_concurrently(
    backend: CounterBackend,
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


Change = Callable[[CounterBackend, str], object]
"""Something that a visitor or the owner does to a backend in one run."""

OWNER_DAYS = [LONG_AGO, YESTERDAY, TODAY]
OWNER_PATHS = ["/", "/%_'\"", "/É 😀", "/12"]


def named(run: str, site: str, path: str) -> Page:
    """Return a page of a site of this run."""
    return Page(f"{site}.{run}", path)


def view_page(
    site: str, path: str, day: date, visitor: str | None, reason: Ignored | None
) -> Change:
    """Return a change that records a view."""
    # Memory forgets the salt of an old day as soon as a newer day has one. It would
    # then count a visitor who comes back on the old day again.
    visitor = None if day == LONG_AGO else visitor
    return lambda backend, run: exact(
        backend.record(View(named(run, site, path), day, visitor, reason))
    )


def set_views(site: str, path: str, number: int) -> Change:
    """Return a change that sets the views of a page."""
    return lambda backend, run: backend.set_views(named(run, site, path), number)


def delete_page(site: str, path: str) -> Change:
    """Return a change that deletes a page."""
    return lambda backend, run: backend.delete_page(named(run, site, path), TODAY)


def delete_site(site: str) -> Change:
    """Return a change that deletes a site."""
    return lambda backend, run: backend.delete_site(f"{site}.{run}", TODAY)


def add_counts(
    pages: list[tuple[str, str, int, set[date]]], name: str, replace: bool
) -> Change:
    """Return a change that imports counts: a total of each page, and views of days."""

    def change(backend: CounterBackend, run: str) -> set[str]:
        counts = []
        for site, path, total, viewed_on in pages:
            page = named(run, site, path)
            counts.append(Count(page, total))
            counts += [Count(page, 1, day) for day in sorted(viewed_on)]
        added = site_imports(counts, name)
        return backend.import_counts(added, replace=replace, today=TODAY)

    return change


sites, paths = st.sampled_from(SITES), st.sampled_from(OWNER_PATHS)
days = st.sampled_from(OWNER_DAYS)
numbers_of_views = st.integers(min_value=0, max_value=2**53 - 1)
imported = st.tuples(sites, paths, st.integers(1, 9), st.sets(days))
changes = st.one_of(
    st.builds(
        view_page,
        *(sites, paths, days, st.sampled_from([None, *VISITORS])),
        st.sampled_from([None, None, *REASONS]),
    ),
    st.builds(set_views, sites, paths, numbers_of_views),
    st.builds(delete_page, sites, paths),
    st.builds(delete_site, sites),
    st.builds(
        add_counts,
        st.lists(imported, min_size=1, max_size=5),
        st.sampled_from(["one", "two"]),
        st.booleans(),
    ),
)

histories_of_changes = st.lists(changes, max_size=10)


def seen_by_owner(backend: CounterBackend, run: str) -> tuple[list[Any], list[int]]:
    """Return all that the owner sees of a run, and the numbers of visitors in it."""
    totals = [each for each in backend.sites(TODAY) if each.site.endswith(run)]
    seen: list[Any] = [
        (each.site, each.views, each.pages, each.views_today) for each in totals
    ]
    visitors = [each.visitors_today for each in totals]
    for site in (f"{site}.{run}" for site in SITES):
        history = backend.history(site, OWNER_DAYS)
        seen += [each.views for each in history]
        visitors += [each.visitors for each in history]
        seen.append(backend.ignored(site, OWNER_DAYS))
        seen.append(backend.first_day(site, TODAY))
        seen.append(backend.imports(site))
        seen.append(set(backend.counts(site, TODAY)))
        first = backend.pages(site, limit=2)
        rest = backend.pages(site, after=first.next, search="/")
        seen += [first, rest if first.next else None]
        seen.append(backend.page_views(site, OWNER_DAYS))
        seen += [backend.page_views(site, [day]) for day in OWNER_DAYS]
    return seen, visitors


@pytest.mark.parametrize("storage", ["sqlite"], indirect=True)
@settings(max_examples=50)
@given(histories_of_changes)
def test_should_agree_on_changes_of_the_owner(
    storage: Storage, history: list[Change]
) -> None:
    assert_agreement(storage, history)


# In Redis, most of these changes read the keys of all 400 days. A shorter example
# would take too long to find.
@pytest.mark.parametrize("storage", ["redis"], indirect=True)
@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(histories_of_changes)
def test_should_agree_on_some_changes_in_redis(
    storage: Storage, history: list[Change]
) -> None:
    assert_agreement(storage, history)


def assert_agreement(storage: Storage, history: list[Change]) -> None:
    """Make changes, and compare all that the owner sees after each of them."""
    run, memory, other = uuid4().hex, MemoryBackend(), storage.open()
    for change in history:
        assert change(other, run) == change(memory, run)

        stored, visitors = seen_by_owner(other, run)
        expected, visitors_in_memory = seen_by_owner(memory, run)
        assert stored == expected
        storage.assert_visitors(visitors, visitors_in_memory)


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
            Storage(redis_url, visitors_error=1).assert_same(
                read(client, viewed[0]), memory.tally(viewed[0].page, DAYS[0])
            )


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
