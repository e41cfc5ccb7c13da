"""What a release keeps: its tables, and ratios to compare those of later runs with.

Ratios tell how the speed has changed only if both runs had an idle machine. In a short
run on a busy machine, only a large difference means something.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import INCR, LIMIT, SQLITE, TRACKER
from tests.benchmarks.report import cell, table
from tests.benchmarks.results import Result

FILE = Path(__file__).with_name("last_release.json")
"""The ratios by the title of the comparison, the name of the case, and the figure."""

DOCUMENT = Path(__file__).parents[2] / "docs/benchmarks.md"
"""The page with the tables of all comparisons."""

README = Path(__file__).parents[2] / "README.md"
"""The page with some figures of the comparison IN_README."""

IN_README = "Front page, connections: 32 (ratios to the limit)"

ROWS = {
    LIMIT: "nothing counted",
    TRACKER: "**page_tracker, Redis**",
    SQLITE: "**page_tracker, SQLite**",
    INCR: "plain WSGI",
    "granian": "plain WSGI on Granian, in Rust",
    "flask": "Flask",
    "fastapi": "FastAPI",
    "node": "Node",
    "express": "Express on Node",
    "bun": "Bun",
    "webdis": "Webdis, in C",
}
"""What the README calls the contenders."""

SHOWN = {
    "server_cpu_us": "CPU of the server",
    "p50_ms": "p50",
    "p99_ms": "p99",
    "memory_mb": "memory",
}
"""The figures whose ratios are kept, and what they are called."""

Ratios = dict[str, dict[str, dict[str, float]]]


def ratios_of(results: Mapping[str, list[Result]]) -> Ratios:
    """Return the ratios of the trackers to the first case of each comparison."""
    return {
        title: {
            result.case.name: {
                name: round(ratio, 2)
                for name, ratio in result.ratios(first).items()
                if name in SHOWN and ratio is not None
            }
            for result in others
            if result.case.contender in (TRACKER, SQLITE)
        }
        for title, (first, *others) in results.items()
    }


def keep(results: Mapping[str, list[Result]]) -> None:
    """Write the ratios to the file, as those of this version.

    Those of comparisons that were not measured stay as they are.
    """
    ratios = _kept()["ratios"] | ratios_of(results)
    kept = {"version": version("page-tracker"), "ratios": ratios}
    FILE.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def document(tables: Iterable[str], page: Path = DOCUMENT) -> None:
    """Put these tables into a page of the documentation, each below its title."""
    text = page.read_text("utf-8")
    for filled in tables:
        title = re.escape(filled.partition("\n")[0])
        below = rf"^{title}\n\n(?:(?:\|.*\n)+\n)?"
        text = re.sub(below, f"{filled}\n", text, flags=re.MULTILINE)
    page.write_text(text, "utf-8")


def update_readme(results: list[Result]) -> None:
    """Put the figures of these contenders into their rows of the README."""
    text = README.read_text("utf-8")
    for result in results:
        row = ROWS[result.case.contender]
        values, ratios = result.medians(), result.ratios(results[0])
        names = ("requests_per_s", "server_cpu_us", "p99_ms")
        cells = " | ".join(cell(values[name], ratios[name]) for name in names)
        before = rf"^\| {re.escape(row)} \| .*$"
        text = re.sub(before, f"| {row} | {cells} |", text, flags=re.MULTILINE)
    README.write_text(text, "utf-8")


def table_of_ratios(results: Mapping[str, list[Result]]) -> str:
    """Return a table of the ratios, each with that of the last release after it.

    It has a row for each case of a tracker that the last release has measured as well.
    """
    kept = _kept()
    rows = []
    for title, cases in ratios_of(results).items():
        before = kept["ratios"].get(title, {})
        for case in (case for case in cases if case in before):
            ratios = ((cases[case].get(name), before[case].get(name)) for name in SHOWN)
            cells = (f"{_shown(now)} ({_shown(then)})" for now, then in ratios)
            rows.append((f"{title}: {case}", *cells))
    return table(
        f"Ratios, and those of version {kept['version']} in parentheses",
        ("", *SHOWN.values()),
        rows,
    )


def _kept() -> Any:
    return json.loads(FILE.read_text("utf-8"))


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"
