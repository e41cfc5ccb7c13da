"""The results as Markdown tables, and with all details as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from tests.benchmarks.redis_pages import Memory
from tests.benchmarks.results import Result
from tests.benchmarks.sqlite_pages import Space

_HEADINGS = {
    "requests_per_s": "requests/s",
    "server_cpu_us": "server CPU, µs/request",
    "redis_cpu_us": "Redis CPU, µs/request",
    "cpu_us": "CPU of both, µs/request",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "max_ms": "longest, ms",
    "memory_mb": "memory (PSS), MB",
    "meanwhile_ms": "duration of the activity, ms",
}


def table_of(title: str, results: list[Result], shown: Iterable[str]) -> str:
    """Return a table with the median of each figure, and the median ratio after it.

    It shows the figures with these names, except those that no case has.
    """
    medians = [result.medians() for result in results]
    names = [
        name for name in shown if any(of_case[name] is not None for of_case in medians)
    ]
    rows = []
    for result, of_case in zip(results, medians, strict=True):
        ratios = result.ratios(results[0])
        cells = (cell(of_case[name], ratios[name]) for name in names)
        rows.append((result.case.name, *cells))
    return table(title, ("", *(_HEADINGS[name] for name in names)), rows)


def table_of_memory(memory: list[Memory]) -> str:
    """Return a table of the memory that a page uses in Redis."""
    rows = [
        (f"{row.pages} pages", f"{row.keys_per_page:.0f}", f"{row.used_per_page:.0f}")
        for row in memory
    ]
    return table(
        "Memory of a page in Redis, in bytes",
        ("", "of its keys (MEMORY USAGE)", "of Redis (used_memory)"),
        rows,
    )


def table_of_space(space: list[Space]) -> str:
    """Return a table of the space that a page uses in a SQLite file."""
    rows = [
        (f"{row.pages} pages", f"{row.page:.0f}", f"{row.day:.0f}") for row in space
    ]
    return table(
        "Space of a page in a SQLite file, in bytes",
        ("", "for its total", "for each day on which it is viewed"),
        rows,
    )


def as_json(title: str, results: list[Result]) -> dict[str, object]:
    """Return all figures of a comparison, including those of each round."""
    return {
        "title": title,
        "cases": [
            {
                **asdict(result.case),
                "rounds": [asdict(figures) for figures in result.rounds],
                "median": result.medians(),
                "ratio": result.ratios(results[0]),
            }
            for result in results
        ],
    }


def cell(value: float | None, ratio: float | None) -> str:
    """Return a figure with at least three digits, and its ratio in parentheses."""
    shown = "–" if value is None else f"{value:.{_decimals(value)}f}"
    return shown if ratio is None else f"{shown} ({ratio:.2f})"


def _decimals(value: float) -> int:
    """Return the number of decimals that shows at least three digits."""
    return 0 if value >= 100 else 1 if value >= 10 else 2


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, below its title."""
    # The first column holds names, and the others hold figures.
    rule = ("---", *("---:" for _ in headings[1:]))
    lines = (f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))
    return "\n".join((f"### {title}", "", *lines, ""))
