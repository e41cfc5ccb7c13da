"""The comparisons, and the rounds in which they are measured."""

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tests.benchmarks.contenders import CONTENDERS, INCR, LIMIT, SQLITE, TRACKER
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

    busy_seconds: float
    """How long views are measured during imports and with open dashboards."""


FULL = Plan(
    rounds=5,
    seconds=5,
    connections=(1, 32, 128),
    pages=(10, 10_000, 1_000_000),
    workers=(1, 2, 4),
    sites=1_000,
    rows=1_000_000,
    busy_seconds=12,
)
QUICK = Plan(
    rounds=1,
    seconds=0.5,
    connections=(8,),
    pages=(10, 1_000),
    workers=(1, 2),
    sites=10,
    rows=100,
    busy_seconds=1,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases that are measured one after the other, with ratios to the first case."""

    title: str
    cases: tuple[Case, ...]


def comparisons(plan: Plan) -> Iterator[Comparison]:
    """Yield all comparisons of the plan."""
    for connections in plan.connections:
        yield Comparison(
            f"Connections: {connections} (ratios to the limit)",
            tuple(Case(name, name, connections) for name in CONTENDERS),
        )
    yield Comparison(
        f"Paths, connections: {_CONNECTIONS} (ratios to the limit)",
        (
            Case("limit", LIMIT, _CONNECTIONS),
            *(
                Case(path, TRACKER, _CONNECTIONS, target=Target(f"{path}?page={_PAGE}"))
                for path in ("/hit.json", "/hit.svg", "/hit.gif", "/views.json")
            ),
        ),
    )
    yield Comparison(
        f"/hit.json, connections: {_CONNECTIONS} (ratios to Redis)",
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
    )
    for contender in (TRACKER, SQLITE):
        yield Comparison(
            f"{contender}, /hit.json, connections: {_CONNECTIONS} "
            "(ratios to pages that are known)",
            tuple(
                Case(
                    name,
                    contender,
                    _CONNECTIONS,
                    target=Target(f"{_EACH_PAGE}{PAGE}", pages),
                )
                for name, pages in (
                    (f"{_KNOWN_PAGES} pages", _KNOWN_PAGES),
                    ("new", None),
                )
            ),
        )
        yield _referrers(contender)
        yield _batches(contender)
    for contender in (TRACKER, INCR):
        for connections in plan.connections:
            # With one connection, no views can share the wait for the disk.
            if connections > 1:
                yield _durability(contender, connections)
    yield Comparison(
        f"{_RATE} requests/s, connections: {_CONNECTIONS} "
        "(ratios to Redis with appendfsync always)",
        tuple(
            Case(name, contender, _CONNECTIONS, rate=_RATE, appendfsync=when)
            for name, contender, when in (
                ("Redis, appendfsync always", TRACKER, "always"),
                ("Redis, appendfsync everysec", TRACKER, "everysec"),
                ("SQLite", SQLITE, "everysec"),
                (LIMIT, LIMIT, "everysec"),
            )
        ),
    )
    most = max(plan.pages)
    yield Comparison(
        f"SQLite with {most} pages, {_RATE} requests/s (ratios to views alone)",
        tuple(
            Case(
                activity or "views alone",
                SQLITE,
                _CONNECTIONS,
                rate=_RATE,
                pages=most,
                target=stored(most),
                meanwhile=activity,
            )
            for activity in (None, *ACTIVITIES)
        ),
    )


def _referrers(contender: str) -> Comparison:
    """Return views that come from nowhere, from one site, and from many."""
    target = f"/hit.json?page={_PAGE}"
    return Comparison(
        f"{contender}, referrers, connections: {_CONNECTIONS} (ratios to none)",
        tuple(
            Case(name, contender, _CONNECTIONS, target=Target(f"{target}{origin}", 20))
            for name, origin in (
                ("none", ""),
                ("1", "&from=news.example.org"),
                ("20", f"&from=blog{PAGE}.example.org"),
            )
        ),
    )


def _batches(contender: str) -> Comparison:
    """Return views one by one, and in batches. CPU times are those of each view."""
    batch = Target("/api/views", views=1000)
    return Comparison(
        f"{contender}, batches (ratios to one by one)",
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
    )


def _durability(contender: str, connections: int) -> Comparison:
    cases = [
        Case(f"appendfsync {when}", contender, connections, appendfsync=when)
        for when in ("no", "everysec", "always")
    ]
    if contender == TRACKER:
        cases.append(Case("SQLite", SQLITE, connections))
    return Comparison(
        f"{contender}, connections: {connections} (ratios to appendfsync no)",
        tuple(cases),
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
