"""The comparisons, and the rounds in which they are measured."""

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tests.benchmarks.contenders import (
    CONTENDERS,
    INCR,
    LIMIT,
    SQLITE,
    TRACKER,
    left_out,
)
from tests.benchmarks.meanwhile import ACTIVITIES
from tests.benchmarks.measuring import Case, Figures
from tests.benchmarks.results import Result
from tests.benchmarks.targets import PAGE, Target, stored

# For comparisons with a single number of connections.
_CONNECTIONS = 32

_PAGE = "example.com/blog/post"
_EACH_PAGE = "/hit.json?page=example.com/blog/"
# Few enough to be known after the warm-up.
_KNOWN_PAGES = 100

# In requests per second. Every machine in use can handle this rate.
_RATE = 500

_SPEED = ("requests_per_s", "server_cpu_us", "redis_cpu_us")
_LATENCIES = ("p50_ms", "p99_ms", "max_ms")


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of a run: rounds, seconds per measurement, and what is measured."""

    rounds: int
    seconds: float
    connections: tuple[int, ...]
    pages: tuple[int, ...]
    workers: tuple[int, ...]
    sites: int

    rows: int
    """How many are imported at once. Only those of meanwhile.IMPORTS can be."""

    dashboards_seconds: float
    """How long views are measured with open dashboards, after they were opened."""

    import_seconds: float
    """How long views are measured during imports. The first one ends meanwhile."""


FULL = Plan(
    rounds=3,
    seconds=5,
    connections=(1, 32, 128),
    pages=(10, 10_000, 1_000_000),
    workers=(1, 2, 4),
    sites=1_000,
    rows=1_000_000,
    dashboards_seconds=5,
    import_seconds=15,
)
# The last release has ratios for most of these cases.
QUICK = Plan(
    rounds=1,
    seconds=0.3,
    connections=(_CONNECTIONS,),
    pages=(10, 1_000),
    workers=(1, 2),
    sites=10,
    rows=100,
    dashboards_seconds=0.4,
    import_seconds=1,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases that are measured one after the other, with ratios to the first case."""

    title: str
    cases: tuple[Case, ...]
    shown: tuple[str, ...] = (*_SPEED, "p50_ms", "p99_ms")
    """The figures that its table shows. A file of all figures contains the others."""


def comparisons(plan: Plan) -> Iterator[Comparison]:
    """Yield all comparisons of the plan, without contenders that are left out."""
    for connections in plan.connections:
        yield _front_page(f"connections: {connections}", Target(), connections)
    yield _front_page(
        f"bare (one header), connections: {_CONNECTIONS}", Target(bare=True)
    )
    yield _formats()
    yield _storages()
    for contender in (TRACKER, SQLITE):
        yield _new_pages(contender)
        yield _referrers(contender)
        yield _batches(contender)
    for connections in plan.connections:
        # With one connection, no views can share the wait for the disk.
        if connections > 1:
            yield _durability(connections)
    yield _at_a_rate()
    yield _reads(max(plan.pages))


def _front_page(
    load: str, target: Target, connections: int = _CONNECTIONS
) -> Comparison:
    missing = left_out()
    return Comparison(
        f"Front page, {load} (ratios to the limit)",
        tuple(
            Case(name, name, connections, target=target)
            for name in CONTENDERS
            if name not in missing
        ),
        (*_SPEED, "p50_ms", "p99_ms", "memory_mb"),
    )


def _formats() -> Comparison:
    """Return the formats of an answer, which browsers ask for."""
    return Comparison(
        f"Formats, connections: {_CONNECTIONS} (ratios to the limit)",
        (
            Case(LIMIT, LIMIT, _CONNECTIONS),
            *(
                Case(path, TRACKER, _CONNECTIONS, target=Target(f"{path}?page={_PAGE}"))
                for path in ("/hit.json", "/hit.svg", "/hit.gif", "/views.json")
            ),
        ),
    )


def _storages() -> Comparison:
    return Comparison(
        f"Redis or SQLite, connections: {_CONNECTIONS} (ratios to Redis)",
        tuple(
            Case(
                name,
                contender,
                _CONNECTIONS,
                target=Target(f"/hit.json?page={_PAGE}"),
                appendfsync=when,
            )
            for name, contender, when in (
                ("Redis", TRACKER, "everysec"),
                ("Redis, appendfsync always", TRACKER, "always"),
                ("SQLite", SQLITE, "everysec"),
            )
        ),
        (*_SPEED, "cpu_us"),
    )


def _new_pages(contender: str) -> Comparison:
    return Comparison(
        f"New pages, {contender}, connections: {_CONNECTIONS} "
        "(ratios to pages that are known)",
        tuple(
            Case(
                name,
                contender,
                _CONNECTIONS,
                target=Target(f"{_EACH_PAGE}{PAGE}", pages),
            )
            for name, pages in ((f"{_KNOWN_PAGES} pages", _KNOWN_PAGES), ("new", None))
        ),
        _SPEED,
    )


def _referrers(contender: str) -> Comparison:
    """Return views that come from nowhere, from one site, and from many."""
    target = f"/hit.json?page={_PAGE}"
    return Comparison(
        f"Referrers, {contender}, connections: {_CONNECTIONS} (ratios to none)",
        tuple(
            Case(name, contender, _CONNECTIONS, target=Target(f"{target}{origin}", 20))
            for name, origin in (
                ("none", ""),
                ("1", "&from=news.example.org"),
                ("20", f"&from=blog{PAGE}.example.org"),
            )
        ),
        _SPEED,
    )


def _batches(contender: str) -> Comparison:
    """Return views one by one, and in batches. CPU times are those of each view."""
    batch = Target("/api/views", views=1000)
    return Comparison(
        f"Batches, {contender} (ratios to one by one)",
        (
            Case(
                "one by one",
                contender,
                _CONNECTIONS,
                target=Target(f"{_EACH_PAGE}{PAGE}", _KNOWN_PAGES),
            ),
            *(
                # More of them at once would fill the queue of requests.
                Case(name, contender, 2, target=target)
                for name, target in (
                    ("1000 views of a site and day", batch),
                    ("1000 views of 10 sites and 10 days", replace(batch, parts=10)),
                )
            ),
        ),
        ("server_cpu_us", "redis_cpu_us", "cpu_us"),
    )


def _durability(connections: int) -> Comparison:
    return Comparison(
        f"Disk, connections: {connections} (ratios to appendfsync no)",
        (
            *(
                Case(f"appendfsync {when}", TRACKER, connections, appendfsync=when)
                for when in ("no", "everysec", "always")
            ),
            Case("SQLite", SQLITE, connections),
        ),
    )


def _at_a_rate() -> Comparison:
    return Comparison(
        f"{_RATE} requests/s, connections: {_CONNECTIONS} (ratios to the limit)",
        tuple(
            Case(name, contender, _CONNECTIONS, rate=_RATE, appendfsync=when)
            for name, contender, when in (
                (LIMIT, LIMIT, "everysec"),
                ("one INCR, appendfsync everysec", INCR, "everysec"),
                ("one INCR, appendfsync always", INCR, "always"),
                ("Redis, appendfsync everysec", TRACKER, "everysec"),
                ("Redis, appendfsync always", TRACKER, "always"),
                ("SQLite", SQLITE, "everysec"),
            )
        ),
        _LATENCIES,
    )


def _reads(pages: int) -> Comparison:
    return Comparison(
        f"Reads, SQLite with {pages} pages, {_RATE} requests/s (ratios to views alone)",
        tuple(
            Case(
                activity or "views alone",
                SQLITE,
                _CONNECTIONS,
                rate=_RATE,
                pages=pages,
                target=stored(pages),
                meanwhile=activity,
            )
            for activity in (None, *ACTIVITIES)
        ),
        ("meanwhile_ms", *_LATENCIES),
    )


def compare(
    compared: Iterable[Comparison], rounds: int, measured: Callable[[Case], Figures]
) -> dict[str, list[Result]]:
    """Measure all cases in each round, and return the results by title."""
    results = {
        comparison.title: [Result(case, []) for case in comparison.cases]
        for comparison in compared
    }
    # With a seed, all runs have the same order.
    shuffled = random.Random(0)
    for number in range(1, rounds + 1):
        for title, cases in results.items():
            for result in shuffled.sample(cases, len(cases)):
                print(f"Round {number}: {title}: {result.case.name}", file=sys.stderr)
                result.rounds.append(measured(result.case))
    return results
