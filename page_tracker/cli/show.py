"""page-tracker show"""

import click

from page_tracker.cli.argument_types import Parsed, whole_number
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, print_table, unknown
from page_tracker.cli.page_days import PageDays
from page_tracker.counting.model import RETENTION_DAYS, Page, with_front_page
from page_tracker.counting.stored_names import parse_any_page
from page_tracker.operations.terminal import readable_in_table
from page_tracker.web.formats.json import numbers


@click.command()
@click.argument("page", type=Parsed(parse_any_page))
@click.option(
    "--days",
    type=whole_number(1, RETENTION_DAYS),
    metavar="N",
    help="Show the views on each of the last N days, with today, from 1 to "
    f"{RETENTION_DAYS}.",
)
@json_option
@backend_option
def show(page: Page, days: int | None, as_json: bool, backend_url: str | None) -> None:
    """Show the views of PAGE and of its site.

    Also shows the visitors of the site today.
    """
    backend, rules = open_shared_backend(backend_url)
    page, today = rules.naming.own_page(str(page)), rules.today()
    tally = with_front_page(backend.tally(page, today), page)
    if not tally.page_views:
        raise unknown(page)
    by_day = PageDays.read(backend, page, today, days) if days else None
    if as_json:
        print_json(numbers(page, tally) | (by_day.as_json() if by_day else {}))
    elif by_day:
        click.echo("\n".join(by_day.lines(page, tally)))
    else:
        print_table(
            ["PAGE", "VIEWS", "VIEWS OF THE SITE", "VISITORS TODAY"],
            [
                [
                    readable_in_table(page),
                    tally.page_views,
                    tally.site_views,
                    tally.site_visitors_today,
                ]
            ],
        )
