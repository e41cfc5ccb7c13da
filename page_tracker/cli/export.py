"""page-tracker export"""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from page_tracker.backends.maintenance import is_part_of_storage
from page_tracker.cli.argument_types import Parsed
from page_tracker.cli.backend import choose_existing, open_chosen, read_settings
from page_tracker.cli.options import backend_option
from page_tracker.cli.output import CommandError, reporting_file_errors, unknown
from page_tracker.counting.parsing import parse_day
from page_tracker.counting.stored_names import parse_own_site
from page_tracker.transfer.atomic_file import STANDARD, open_atomically
from page_tracker.transfer.exporting import Export


@click.command()
@click.argument(
    "file",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    default=STANDARD,
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json", "goatcounter"]),
    help="csv contains the total views of each page. json contains all that is kept, "
    "so that import can restore it. goatcounter is a file that GoatCounter imports, "
    "with a row for each view of one site (default: the extension of FILE, otherwise "
    "csv).",
)
@click.option(
    "--site",
    type=Parsed(parse_own_site),
    metavar="SITE",
    help="Export only this site (default: all sites).",
)
@click.option(
    "--since",
    type=Parsed(parse_day),
    metavar="DAY",
    help="Export only the counts of single days from this day on, as an increment in "
    "JSON that can be added to an earlier export.",
)
@backend_option
def export(
    file: Path,
    kind: str | None,
    site: str | None,
    since: date | None,
    backend_url: str | None,
) -> None:
    """Write all counts to FILE, or to standard output ("-").

    FILE appears only when it is complete.
    """
    settings = read_settings(backend_url)
    choice = choose_existing(settings)
    if is_part_of_storage(choice.url, file):
        raise CommandError(f"{file} contains the counts; allowed: another file")
    kind = kind or file.suffix[1:].lower()
    if since is not None and kind != "json":
        raise click.UsageError("--since needs JSON; allowed: --format json")
    if kind == "goatcounter" and site is None:
        raise click.UsageError(
            "a file for GoatCounter has only one site; allowed: --site SITE"
        )
    backend = open_chosen(choice, settings)
    now = datetime.now(settings.rules.timezone)
    sites = backend.sites(now.date())
    if site is not None:
        sites = [total for total in sites if total.site == site]
        if not sites:
            raise unknown(site)
    # On a terminal, the output itself shows the progress.
    shows_progress = file != STANDARD or not sys.stdout.isatty()
    exported = Export(backend, sites, now, shows_progress)
    allowed = "a writable folder, or - for standard output"
    with (
        reporting_file_errors(
            f"cannot write {file}", allowed="" if file == STANDARD else allowed
        ),
        open_atomically(file) as output,
    ):
        if kind == "json":
            exported.write_json(output, since)
        elif kind == "goatcounter":
            exported.write_goatcounter(output)
        else:
            exported.write_csv(output)
