"""page-tracker add and page-tracker subtract"""

from datetime import date

import click

from page_tracker.changes.change import AddViews
from page_tracker.cli.argument_types import Parsed, whole_number
from page_tracker.cli.backend import choose_or_create, open_chosen, read_settings
from page_tracker.cli.change import make_change, print_made
from page_tracker.cli.options import Command, backend_option, json_option
from page_tracker.counting.model import MAX_VIEWS, Page
from page_tracker.counting.parsing import parse_day
from page_tracker.counting.stored_names import parse_page_of_site
from page_tracker.operations.terminal import plural, readable


def _arguments(command: Command) -> Command:
    """Add the arguments and options of both commands."""
    for decorate in (
        backend_option,
        json_option,
        click.option(
            "--day",
            type=Parsed(parse_day),
            metavar="DAY",
            help="Change the views of this day, too, such as 2026-11-03.",
        ),
        click.argument("views", type=whole_number(1, MAX_VIEWS), metavar="N"),
        click.argument("page", type=Parsed(parse_page_of_site)),
    ):
        command = decorate(command)
    return command


@click.command()
@_arguments
def add(
    page: Page, views: int, day: date | None, as_json: bool, backend_url: str | None
) -> None:
    """Add N views to PAGE and to its site.

    With --day, the views of that day change, too. Visitors and referrers do not.
    """
    _add(AddViews(page, views, day), as_json, backend_url)


@click.command()
@_arguments
def subtract(
    page: Page, views: int, day: date | None, as_json: bool, backend_url: str | None
) -> None:
    """Take N views out of PAGE and its site, such as those of a robot.

    With --day, they leave the views of that day, too. Visitors and referrers do not
    change. Nothing changes if there are fewer views.
    """
    _add(AddViews(page, -views, day), as_json, backend_url)


def _add(change: AddViews, as_json: bool, backend_url: str | None) -> None:
    settings = read_settings(backend_url)
    backend = open_chosen(choose_or_create(settings), settings)
    made = make_change(change, backend, settings.rules)
    before, after = made.before["views"], made.after["views"]
    text = f"{readable(made.page)} has {plural(after, 'view')}; it had {before}."
    if change.day:
        on_day = plural(made.after["views_on_day"], "view")
        text += (
            f" On {change.day}, it has {on_day}; it had {made.before['views_on_day']}."
        )
    print_made(
        made,
        text,
        {"page": str(made.page), "before": made.before, "after": made.after},
        as_json=as_json,
    )
