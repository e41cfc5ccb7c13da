"""python -m tests.benchmarks"""

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.benchmarks import browsers, releases
from tests.benchmarks.comparisons import (
    FULL,
    QUICK,
    Comparison,
    Plan,
    compare,
    comparisons,
)
from tests.benchmarks.contenders import left_out
from tests.benchmarks.growth import draw, growth
from tests.benchmarks.loading import load_for
from tests.benchmarks.machine import describe
from tests.benchmarks.measuring import measure
from tests.benchmarks.redis_pages import memory_of
from tests.benchmarks.report import as_json, table_of, table_of_memory, table_of_space
from tests.benchmarks.running import open_testbed
from tests.benchmarks.sqlite_pages import space_of


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and write all figures to a file if one is given."""
    options = _options(arguments)
    plan = _plan(options)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with open_testbed() as testbed:
        machine = describe(testbed.redis)
        compared = _chosen(plan, options.only or "")
        results = compare(
            compared, plan.rounds, partial(measure, testbed, plan.seconds)
        )
        sizes = () if options.only else plan.pages
        memory = [memory_of(testbed.redis, pages) for pages in sizes]
        space = [space_of(pages) for pages in sizes]
    tables = [
        table_of(each.title, results[each.title], each.shown) for each in compared
    ]
    if not options.only:
        tables += [table_of_memory(memory), table_of_space(space)]
    print(*tables, sep="\n")
    for name, reason in left_out().items():
        print(f"Left out: {name}, because {reason}", end="\n\n")
    print(releases.table_of_ratios(results))
    if options.images:
        draw(results, options.images)
    if options.release:
        releases.keep(results)
        releases.document(tables)
        releases.update_readme(results.get(releases.IN_README, []))
    if options.json:
        report = {
            "command": shlex.join(["python", "-m", "tests.benchmarks", *arguments]),
            "began": began,
            "machine": machine,
            "clients": load_for(plan.seconds).__module__,
            "plan": asdict(plan),
            "browsers": [recorded["browser"] for recorded in browsers.recorded()],
            "left_out": left_out(),
            "comparisons": [as_json(*result) for result in results.items()],
            "memory": [asdict(measured) for measured in memory],
            "space": [asdict(measured) for measured in space],
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _command_line()
    options = parser.parse_args(arguments)
    if options.release and options.plan is QUICK:
        parser.error("--release needs a longer run, without --quick")
    if not _chosen(options.plan, options.only or ""):
        titles = "; ".join(each.title for each in _chosen(options.plan, ""))
        parser.error(f"--only {options.only!r} is in no title; allowed: {titles}")
    return options


def _chosen(plan: Plan, part: str) -> list[Comparison]:
    """Return the comparisons whose title contains this text, in any case."""
    every = [*comparisons(plan), *growth(plan)]
    return [each for each in every if part.lower() in each.title.lower()]


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Compare the speed of the tracker with that of other servers.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quick",
        dest="plan",
        action="store_const",
        const=QUICK,
        default=FULL,
        help="measure very briefly, only to see that the benchmarks work",
    )
    parser.add_argument("--rounds", type=int, help=f"number of rounds ({FULL.rounds})")
    parser.add_argument(
        "--seconds", type=float, help=f"duration of each measurement ({FULL.seconds:g})"
    )
    parser.add_argument(
        "--connections",
        type=_numbers,
        metavar="N,…",
        help=f"numbers of connections ({','.join(map(str, FULL.connections))})",
    )
    parser.add_argument(
        "--pages",
        type=_numbers,
        metavar="N,…",
        help=f"numbers of stored pages ({','.join(map(str, FULL.pages))})",
    )
    parser.add_argument(
        "--only",
        metavar="TEXT",
        help="measure only the comparisons whose title contains this text",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="file for all figures"
    )
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="folder for the plots of growth"
    )
    parser.add_argument(
        "--release",
        action="store_true",
        help="write the tables into the documentation, and keep the ratios: later "
        "runs print them beside theirs",
    )
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _plan(options: argparse.Namespace) -> Plan:
    plan: Plan = options.plan
    return replace(
        plan,
        rounds=options.rounds or plan.rounds,
        seconds=options.seconds or plan.seconds,
        connections=options.connections or plan.connections,
        pages=options.pages or plan.pages,
    )


if __name__ == "__main__":
    # An exception stops Redis and the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main(sys.argv[1:])
