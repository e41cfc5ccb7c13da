"""Growth: what a view costs with more workers, pages, sites, dashboards and imports."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.comparisons import Comparison, Plan
from tests.benchmarks.contenders import SQLITE, TRACKER
from tests.benchmarks.meanwhile import DASHBOARDS, IMPORTS
from tests.benchmarks.measuring import Case
from tests.benchmarks.plots import Line, Plot, Point
from tests.benchmarks.report import cell
from tests.benchmarks.results import Result
from tests.benchmarks.targets import PAGE, SITE, Target, stored

_CONNECTIONS = 32

# In requests per second. An import leaves no core for many more.
_RATE = 500

_STORAGES = {TRACKER: "Redis", SQLITE: "SQLite"}

_WORKERS, _PAGES, _SITES = "workers", "pages", "sites"
_DASHBOARDS, _ROWS = "open dashboards", "imported rows"

_HIT = "/hit.json?page="

# The figure and the title of each kind of plot.
_REQUESTS = ("requests_per_s", "Requests per second")
_CPU = ("server_cpu_us", "CPU time for a view, µs")
_P99 = ("p99_ms", f"p99 at {_RATE} views/s, ms")

_PLOTS = {
    "growth-workers-requests": (_WORKERS, _REQUESTS),
    "growth-workers-cpu": (_WORKERS, _CPU),
    "growth-pages-cpu": (_PAGES, _CPU),
    "growth-sites-cpu": (_SITES, _CPU),
    "growth-dashboards-cpu": (_DASHBOARDS, _CPU),
    "growth-dashboards-p99": (_DASHBOARDS, _P99),
    "growth-import-cpu": (_ROWS, _CPU),
    "growth-import-p99": (_ROWS, _P99),
}


def growth(plan: Plan) -> Iterator[Comparison]:
    """Yield a comparison for each storage and for all that grows."""
    for contender in _STORAGES:
        for grows, cases in _cases(plan, contender).items():
            yield Comparison(_title(grows, contender), cases)


def draw(results: dict[str, list[Result]], folder: Path) -> None:
    """Write an SVG file for each kind of growth that was measured with both storages.

    Raises OSError if a file cannot be written.
    """
    for name, (grows, (figure, title)) in _PLOTS.items():
        redis, sqlite = (results.get(_title(grows, each)) for each in _STORAGES)
        if redis and sqlite:
            lines = [
                Line("Server that counts in Redis", _points(redis, figure)),
                Line("Server that counts in SQLite", _points(sqlite, figure)),
            ]
            # An import uses Redis as well, so its CPU time is not that of the views.
            if figure == "server_cpu_us" and grows != _ROWS:
                lines.append(Line("Redis itself", _points(redis, "redis_cpu_us")))
            ticks = tuple(result.case.name for result in redis)
            drawn = Plot(title, grows, ticks, tuple(lines)).svg()
            (folder / f"{name}.svg").write_text(drawn, "utf-8")


def _cases(plan: Plan, contender: str) -> dict[str, tuple[Case, ...]]:
    few = min(plan.pages)
    closed = Case(_shown(few), contender, _CONNECTIONS, pages=few, target=stored(few))
    alone = replace(closed, name="0", rate=_RATE)
    page_each = Target(f"{_HIT}{SITE}/page/{PAGE}", plan.sites)
    site_each = Target(f"{_HIT}site-{PAGE}.example/page", plan.sites)
    return {
        _WORKERS: tuple(
            replace(closed, name=_on_cores(workers), workers=workers)
            for workers in plan.workers
        ),
        _PAGES: tuple(
            replace(closed, name=_shown(pages), pages=pages, target=stored(pages))
            for pages in plan.pages
        ),
        # Both have the same number of pages.
        _SITES: (
            replace(closed, name="1", pages=0, target=page_each),
            replace(closed, name=_shown(plan.sites), pages=0, target=site_each),
        ),
        _DASHBOARDS: (
            alone,
            replace(
                alone,
                name="300",
                meanwhile=DASHBOARDS,
                seconds=plan.dashboards_seconds,
            ),
        ),
        _ROWS: (
            alone,
            replace(
                alone,
                name=_shown(plan.rows),
                meanwhile=IMPORTS[plan.rows],
                seconds=plan.import_seconds,
            ),
        ),
    }


def _title(grows: str, contender: str) -> str:
    return f"Growth, {_STORAGES[contender]}: {grows} (ratios to the fewest)"


def _shown(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _on_cores(workers: int) -> str:
    """Return the number of workers, and that of cores if there are fewer."""
    cores = os.cpu_count() or workers
    return f"{workers} on {cores} cores" if workers > cores else str(workers)


def _points(results: list[Result], figure: str) -> tuple[Point, ...]:
    points = []
    for result in results:
        value, ratio = result.medians()[figure], result.ratios(results[0])[figure]
        points.append(Point(ratio, cell(value, ratio)))
    return tuple(points)
