"""page-tracker delete"""

import sys
from datetime import date

import click

from page_tracker.backends.protocol import CounterBackend
from page_tracker.cli.arguments import Parsed, parse_page_or_site
from page_tracker.cli.backend import CommandFailed, open_shared_backend
from page_tracker.cli.options import json_option, redis_url_option
from page_tracker.cli.output import write_json
from page_tracker.counting.model import Page


@click.command()
@click.argument("what", type=Parsed(parse_page_or_site), metavar="PAGE|SITE")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@redis_url_option
def delete(what: Page | str, yes: bool, as_json: bool, redis_url: str | None) -> None:
    """Forget PAGE, or all pages of SITE, in all and on each day.

    A name with a slash is a page, as in example.com/, and one without is a site.
    """
    backend, today = open_shared_backend(redis_url)
    views = _views_of(what, backend, today)
    if not yes:
        _ask(f"Delete {what}, which has {views} views?")
    if isinstance(what, Page):
        before = backend.delete_page(what, today)
    else:
        before = backend.delete_site(what, today)
    if as_json:
        write_json({"deleted": str(what), "before": before})
    else:
        click.echo(f"{what} is deleted; it had {before} views.")


def _views_of(what: Page | str, backend: CounterBackend, today: date) -> int:
    """Return the views of a page or site. Raises CommandFailed if it is not known."""
    if isinstance(what, Page):
        if views := backend.tally(what, today).page_views:
            return views
    else:
        for total in backend.sites(today):
            if total.site == what:
                return total.views
    raise CommandFailed(f"{what} is not known: nothing is counted of it")


def _ask(question: str) -> None:
    """Ask, and go on if the answer is yes. Raises CommandFailed if it is not."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody to ask, without a terminal; allowed: --yes")
    if not click.confirm(question, err=True):
        raise CommandFailed("nothing is deleted")
