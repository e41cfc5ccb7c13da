"""python -m tests.benchmarks.cluster: a view in a cluster, and views of one site.

Two servers of the tracker and three masters of a Redis Cluster run on this machine, and
a view is compared with one on a single server and Redis. A run fails unless each
answered view was counted once.
"""

import argparse
import json
import random
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tests.benchmarks.loading import load_for
from tests.benchmarks.machine import describe
from tests.benchmarks.one_site import (
    measure_batches,
    measure_site,
    measure_visitors,
    table_of_batches,
    table_of_memory,
)
from tests.benchmarks.releases import document
from tests.benchmarks.report import cell, table
from tests.benchmarks.results import median_ratio
from tests.benchmarks.setups import (
    LARGEST,
    SETUPS,
    SITES,
    Figures,
    Setup,
    Setups,
    open_setups,
)
from tests.benchmarks.sizing import View, table_of_costs, table_of_days

DOCUMENT = Path(__file__).parents[2] / "docs/large-installations.md"
"""The page with all tables."""

Rounds = Mapping[Setup, list[Figures]]
"""The figures of each round."""

_HEADINGS = {
    "views_per_s": "views/s",
    "server_cpu_us": "server CPU, µs/view",
    "redis_cpu_us": "Redis CPU, µs/view",
    "script_calls": "script calls/view",
    "reads": "reads by Redis/view",
    "received_bytes": "to Redis, bytes/view",
    "sent_bytes": "from Redis, bytes/view",
    "written_bytes": "file, bytes/view",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
}


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and write all figures to a file if one is given."""
    options = _command_line().parse_args(arguments)
    with open_setups() as setups:
        machine = describe(setups.redis)
        rounds = _measure(setups, options)
        view = _costs_of_view(setups, rounds[LARGEST])
        batches = measure_batches(setups.redis, options.seconds)
        site, visitors = measure_site(setups.redis), measure_visitors(setups.redis)
    tables = [
        _table_of(rounds, options.connections),
        table_of_costs(view),
        table_of_days(view),
        table_of_memory(site, visitors),
        table_of_batches(batches),
    ]
    print(*tables, sep="\n")
    if options.release:
        document(tables, DOCUMENT)
    if options.json:
        command = ["python", "-m", "tests.benchmarks.cluster", *arguments]
        report = {
            "command": shlex.join(command),
            "machine": machine,
            "clients": load_for(options.seconds).__module__,
            "connections": options.connections,
            "setups": {
                setup.name: [asdict(figures) for figures in of_setup]
                for setup, of_setup in rounds.items()
            },
            "view": asdict(view),
            "batches": [asdict(each) for each in batches],
            "site": asdict(site),
            "visitors": [asdict(each) for each in visitors],
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def _measure(setups: Setups, options: argparse.Namespace) -> Rounds:
    """Measure all setups in each round."""
    rounds: dict[Setup, list[Figures]] = {setup: [] for setup in SETUPS}
    # With a seed, all runs have the same order.
    shuffled = random.Random(0)
    for number in range(1, options.rounds + 1):
        for setup in shuffled.sample(SETUPS, len(SETUPS)):
            print(f"Round {number}: {setup.name}", file=sys.stderr)
            rounds[setup].append(
                setups.measure(setup, options.connections, options.seconds)
            )
    return rounds


def _costs_of_view(setups: Setups, figures: Sequence[Figures]) -> View:
    """Return what a view costs according to these figures."""
    request_bytes, answer_bytes = setups.wire()
    return View(
        server_cpu_us=median(each.server_cpu_us for each in figures),
        redis_cpu_us=median(each.redis_cpu_us for each in figures),
        request_bytes=request_bytes,
        answer_bytes=answer_bytes,
        received_bytes=median(each.received_bytes for each in figures),
        written_bytes=median(each.written_bytes for each in figures),
    )


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.cluster",
        description="Compare the cost of a view in a cluster with that on one Redis.",
        allow_abbrev=False,
    )
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds (3)")
    parser.add_argument(
        "--seconds", type=float, default=8, help="duration of each measurement (8)"
    )
    parser.add_argument(
        "--connections",
        type=int,
        default=32,
        help="number of connections to each server (32)",
    )
    parser.add_argument(
        "--release",
        action="store_true",
        help=f"write the tables into {DOCUMENT.name}",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="file for all figures"
    )
    return parser


def _table_of(rounds: Rounds, connections: int) -> str:
    """Return a table of the medians, with the medians of the ratios by round."""
    rows = []
    for setup, of_setup in rounds.items():
        cells = []
        for name in _HEADINGS:
            own = [float(getattr(figures, name)) for figures in of_setup]
            first = [float(getattr(figures, name)) for figures in rounds[SETUPS[0]]]
            cells.append(cell(median(own), median_ratio(own, first)))
        answered = sum(figures.answered for figures in of_setup)
        rows.append((setup.name, *cells, str(answered)))
    return table(
        f"{SITES} sites, connections to each server: {connections} "
        f"(ratios to {SETUPS[0].name})",
        ("", *_HEADINGS.values(), "answered, each counted once"),
        rows,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
