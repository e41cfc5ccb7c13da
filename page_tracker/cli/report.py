"""page-tracker report"""

from collections.abc import Callable

import click

from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import backend_option
from page_tracker.cli.output import unknown
from page_tracker.counting.rules import Rules
from page_tracker.counting.stored_names import parse_own_site
from page_tracker.operations.terminal import can_show
from page_tracker.reports.composing import Composer
from page_tracker.reports.content import read_site
from page_tracker.reports.document import Document
from page_tracker.reports.html import as_html
from page_tracker.reports.markdown import as_markdown
from page_tracker.reports.period import KINDS, Kind, Period
from page_tracker.reports.text import as_text

_FORMATS: dict[str, Callable[[Document], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "html": as_html,
}


@click.command()
@click.argument("site", type=Parsed(parse_own_site), required=False)
@click.option(
    "--last",
    "kind",
    type=click.Choice(KINDS),
    default="week",
    help="Report on the last week that is over, from Monday to Sunday, or on the last "
    "calendar month (default: week).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="text",
    help="The format of the report (default: text). Programs for mail can show html.",
)
@backend_option
def report(site: str | None, kind: Kind, form: str, backend_url: str | None) -> None:
    """Report on the last week or month of SITE, or of each site.

    Compares it with the one before.
    """
    backend, rules = open_shared_backend(backend_url)
    today = rules.today()
    period = Period.last(kind, today)
    known = [total.site for total in backend.sites(today)]
    if site is not None and site not in known:
        raise unknown(site)
    sites = known if site is None else [site]
    reports = [(each, read_site(backend, each, period, today)) for each in sites]
    composer = Composer(
        period,
        str(rules.timezone),
        _dashboard(rules),
        # All letters can be written in HTML.
        (lambda _: True) if form == "html" else can_show,
    )
    document = composer.compose(
        [found for _, found in reports if found],
        [each for each, found in reports if not found],
    )
    click.echo(_FORMATS[form](document))


def _dashboard(rules: Rules) -> str:
    if not rules.public_url or rules.token is None:
        return ""
    return f"{rules.public_url}{rules.base_path}/dashboard"
