"""page-tracker set"""

import click

from page_tracker.cli.argument_types import Parsed, parse_page_of_site, whole_number
from page_tracker.cli.backend import choose_or_create, open_chosen, read_settings
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json
from page_tracker.counting.model import MAX_VIEWS, Page
from page_tracker.operations.terminal import readable


@click.command("set")
@click.argument("page", type=Parsed(parse_page_of_site))
@click.argument("views", type=whole_number(0, MAX_VIEWS), metavar="N")
@json_option
@backend_option
def set_views(page: Page, views: int, as_json: bool, backend_url: str | None) -> None:
    """Set the views of PAGE to N.

    The total of its site changes by the difference. The views of single days do
    not change.
    """
    settings = read_settings(backend_url)
    page = settings.rules.naming.own_page(str(page))
    backend = open_chosen(choose_or_create(settings), settings)
    before = backend.set_views(page, views)
    if as_json:
        print_json({"page": str(page), "views": views, "before": before})
    else:
        click.echo(f"{readable(page)} has {views} views; it had {before}.")
