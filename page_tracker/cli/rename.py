"""page-tracker rename"""

import click

from page_tracker.changes.change import Rename
from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.change import make_change, print_made
from page_tracker.cli.options import backend_option, json_option
from page_tracker.counting.model import Page
from page_tracker.counting.stored_names import parse_page_or_site
from page_tracker.operations.terminal import plural, readable

_PAGE_OR_SITE = Parsed(parse_page_or_site)


@click.command()
@click.argument("what", type=_PAGE_OR_SITE, metavar="FROM")
@click.argument("to", type=_PAGE_OR_SITE, metavar="TO")
@json_option
@backend_option
def rename(
    what: Page | str, to: Page | str, as_json: bool, backend_url: str | None
) -> None:
    """Rename a page or a site from FROM to TO, with all that is kept of it.

    Both are pages of one site, or both are sites. TO must not have counts: see merge.
    Links that share a site end with its old name.
    """
    backend, rules = open_shared_backend(backend_url)
    made = make_change(Rename(what, to), backend, rules)
    views = made.after["views_of_target"]
    print_made(
        made,
        f"Renamed {readable(what)} to {readable(to)}, which has "
        f"{plural(views, 'view')}.",
        {"renamed": str(what), "to": str(to), "views": views},
        as_json=as_json,
    )
