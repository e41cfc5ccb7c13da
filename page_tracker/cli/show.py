"""page-tracker show"""

from dataclasses import replace

import click

from page_tracker.cli.argument_types import Parsed, parse_any_page
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, print_table, unknown
from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.web.formats.json import numbers


@click.command()
@click.argument("page", type=Parsed(parse_any_page))
@json_option
@backend_option
def show(page: Page, as_json: bool, backend_url: str | None) -> None:
    """Show the views of PAGE and of its site.

    Also shows the visitors of the site today.
    """
    backend, rules = open_shared_backend(backend_url)
    page = rules.naming.own_page(str(page))
    tally = backend.tally(page, rules.today())
    if page == FRONT_PAGE:
        # Its site has no other page. If something else has set the total in Redis, only
        # the total of the site has it.
        tally = replace(tally, page_views=tally.site_views)
    if not tally.page_views:
        raise unknown(page)
    if as_json:
        print_json(numbers(page, tally))
        return
    print_table(
        ["PAGE", "VIEWS", "VIEWS OF THE SITE", "VISITORS TODAY"],
        [[str(page), tally.page_views, tally.site_views, tally.site_visitors_today]],
    )
