"""page-tracker set"""

import click

from page_tracker.changes.change import SetViews
from page_tracker.cli.argument_types import Parsed, whole_number
from page_tracker.cli.backend import choose_or_create, open_chosen, read_settings
from page_tracker.cli.change import make_change, print_made
from page_tracker.cli.options import backend_option, json_option
from page_tracker.counting.model import MAX_VIEWS, Page
from page_tracker.counting.stored_names import parse_page_of_site
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
    backend = open_chosen(choose_or_create(settings), settings)
    made = make_change(SetViews(page, views), backend, settings.rules)
    page, before = made.page, made.before["views"]
    print_made(
        made,
        f"{readable(page)} has {views} views; it had {before}.",
        {"page": str(page), "views": views, "before": before},
        as_json=as_json,
    )
