"""page-tracker delete"""

from datetime import date

import click

from page_tracker.backends.protocol import CounterBackend
from page_tracker.cli.argument_types import Parsed, parse_page_or_site
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import confirm, print_json, unknown
from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.operations.terminal import readable


@click.command()
@click.argument("what", type=Parsed(parse_page_or_site), metavar="PAGE|SITE")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
@backend_option
def delete(what: Page | str, yes: bool, as_json: bool, backend_url: str | None) -> None:
    """Delete the counts of PAGE, or of all pages of SITE.

    A name with a slash is a page, such as example.com/. A name without a slash is a
    site. Both the totals and the views of each day are deleted.
    """
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    views = _find_views(what, backend, today)
    name = readable(what)
    if not yes:
        confirm(f"Delete {name} with {views} views?", otherwise="nothing was deleted")
    if what == FRONT_PAGE:
        # It is the only page of its site, whose visitors must not remain.
        before = backend.delete_site(FRONT_PAGE.site, today)
    elif isinstance(what, Page):
        before = backend.delete_page(what, today)
    else:
        before = backend.delete_site(what, today)
    if as_json:
        print_json({"deleted": str(what) or str(FRONT_PAGE), "before": before})
    else:
        click.echo(f"Deleted {name}, which had {before} views.")


def _find_views(what: Page | str, backend: CounterBackend, today: date) -> int:
    """Return the views of a page or site. Raises CommandError if it has none."""
    if isinstance(what, Page):
        if views := backend.tally(what, today).page_views:
            return views
    else:
        for total in backend.sites(today):
            if total.site == what:
                return total.views
    raise unknown(what)
