"""page-tracker top"""

from dataclasses import asdict
from datetime import date

import click

from page_tracker.cli.argument_types import Parsed, parse_own_site, whole_number
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, print_table, unknown
from page_tracker.counting.model import FRONT_PAGE, Ranking, SiteTotal
from page_tracker.counting.parsing import parse_day


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
    "--limit",
    type=whole_number(1, 10_000),
    default="20",
    metavar="N",
    help="Maximum number of rows, from 1 to 10000 (default: 20).",
)
@json_option
@backend_option
def top(
    site: str | None,
    day: date | None,
    limit: int,
    as_json: bool,
    backend_url: str | None,
) -> None:
    """Show the most viewed sites, or the most viewed pages of SITE."""
    if site is None and day:
        raise click.UsageError("--day requires a site; allowed: top SITE --day DAY")
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    if site is None:
        _show_sites(backend.sites(today)[:limit], today, as_json)
    else:
        ranking = backend.pages(site, day=day, limit=limit)
        if not ranking.pages and site not in (
            total.site for total in backend.sites(today)
        ):
            raise unknown(site)
        _show_pages(ranking, site, day, as_json)


def _show_sites(totals: list[SiteTotal], today: date, as_json: bool) -> None:
    if as_json:
        sites = [asdict(total) for total in totals]
        print_json({"today": today.isoformat(), "sites": sites})
        return
    print_table(
        ["SITE", "VIEWS", "PAGES", "VIEWS TODAY", "VISITORS TODAY"],
        [
            [
                total.site or str(FRONT_PAGE),
                total.views,
                total.pages,
                total.views_today,
                total.visitors_today,
            ]
            for total in totals
        ],
    )


def _show_pages(ranking: Ranking, site: str, day: date | None, as_json: bool) -> None:
    if as_json:
        pages = [
            {"page": str(row.page), "path": row.page.path, "views": row.views}
            for row in ranking.pages
        ]
        print_json({"site": site, "day": day and day.isoformat(), "pages": pages})
        return
    print_table(
        ["PAGE", "VIEWS"], [[str(row.page), row.views] for row in ranking.pages]
    )
