"""page-tracker delete"""

import click

from page_tracker.changes.change import Delete
from page_tracker.changes.making import views_of
from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.change import make_change, print_made
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import confirm, unknown
from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.stored_names import parse_page_or_site
from page_tracker.operations.terminal import readable


@click.command()
@click.argument("what", type=Parsed(parse_page_or_site), metavar="PAGE|SITE")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
@backend_option
def delete(what: Page | str, yes: bool, as_json: bool, backend_url: str | None) -> None:
    """Delete the counts of PAGE, or of all pages of SITE.

    A name with a slash is a page, such as example.com/. A name without a slash is a
    site. Both the totals and the views of each day are deleted. Links that share the
    site end.
    """
    backend, rules = open_shared_backend(backend_url)
    views = views_of(what, backend, rules.today())
    if views is None:
        raise unknown(what)
    name = readable(what)
    if not yes:
        confirm(f"Delete {name} with {views} views?", otherwise="nothing was deleted")
    made = make_change(Delete(what), backend, rules)
    before = made.before["views"]
    print_made(
        made,
        f"Deleted {name}, which had {before} views.",
        {"deleted": str(what) or str(FRONT_PAGE), "before": before},
        as_json=as_json,
    )
