"""page-tracker top"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from heapq import nlargest
from typing import Any

import click

from page_tracker.backends.protocol import CounterBackend
from page_tracker.cli.argument_types import Parsed, whole_number
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, print_table, unknown
from page_tracker.counting.model import RETENTION_DAYS, Page, PageViews, SiteTotal
from page_tracker.counting.parsing import parse_day
from page_tracker.counting.span import Span
from page_tracker.counting.stored_names import parse_own_site
from page_tracker.operations.terminal import readable_in_table


@click.command()
@click.argument("site", type=Parsed(parse_own_site), required=False)
@click.option(
    "--day",
    type=Parsed(parse_day),
    metavar="DAY",
    help="Show the views of this day, such as 2026-11-23, instead of all time. "
    "Requires SITE.",
)
@click.option(
    "--days",
    type=whole_number(1, RETENTION_DAYS),
    metavar="N",
    help="Show the views of the last N days together, with today, from 1 to "
    f"{RETENTION_DAYS}. Requires SITE.",
)
@click.option(
    "--limit",
    type=whole_number(1, 10_000),
    default="20",
    metavar="N",
    help="Maximum number of rows, from 1 to 10000 (default: 20).",
)
@json_option
@backend_option
def top(  # pylint: disable=too-many-arguments  # click passes each option
    *,
    site: str | None,
    day: date | None,
    days: int | None,
    limit: int,
    as_json: bool,
    backend_url: str | None,
) -> None:
    """Show the most viewed sites, or the most viewed pages of SITE."""
    if site is None and day:
        raise click.UsageError("--day requires a site; allowed: top SITE --day DAY")
    if site is None and days:
        raise click.UsageError("--days requires a site; allowed: top SITE --days N")
    if day and days:
        raise click.UsageError("--day and --days exclude each other; allowed: one")
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    if site is None:
        _show_sites(backend.sites(today)[:limit], today, as_json)
    else:
        if day:
            pages = _pages_of_days(backend, site, [day], limit)
        elif days:
            pages = _pages_of_days(backend, site, Span.until(today, days).days, limit)
        else:
            pages = backend.pages(site, limit=limit).pages
        if not pages and site not in (total.site for total in backend.sites(today)):
            raise unknown(site)
        if as_json:
            span = {"day": day and day.isoformat(), "days": days}
            _print_pages_as_json(site, span, pages)
        else:
            _show_pages(pages)


def _show_sites(totals: list[SiteTotal], today: date, as_json: bool) -> None:
    if as_json:
        sites = [asdict(total) for total in totals]
        print_json({"today": today.isoformat(), "sites": sites})
        return
    print_table(
        ["SITE", "VIEWS", "PAGES", "VIEWS TODAY", "VISITORS TODAY"],
        [
            [
                readable_in_table(total.site),
                total.views,
                total.pages,
                total.views_today,
                total.visitors_today,
            ]
            for total in totals
        ],
    )


def _pages_of_days(
    backend: CounterBackend, site: str, days: Sequence[date], limit: int
) -> Sequence[PageViews]:
    """Return the most viewed pages in the order that backends have."""
    views = backend.page_views(site, days)
    most = nlargest(limit, ((number, path) for path, number in views.items()))
    return [PageViews(Page(site, path), number) for number, path in most]


def _print_pages_as_json(
    site: str, span: dict[str, Any], pages: Sequence[PageViews]
) -> None:
    shown = [
        {"page": str(row.page), "path": row.page.path, "views": row.views}
        for row in pages
    ]
    print_json({"site": site} | span | {"pages": shown})


def _show_pages(pages: Sequence[PageViews]) -> None:
    print_table(
        ["PAGE", "VIEWS"], [[readable_in_table(row.page), row.views] for row in pages]
    )
