"""page-tracker export"""

import sys
from collections.abc import Iterator
from itertools import chain, takewhile
from pathlib import Path

import click

from page_tracker.backends.maintenance import is_part_of_storage
from page_tracker.cli.argument_types import Parsed, parse_own_site
from page_tracker.cli.backend import choose_existing, open_chosen, read_settings
from page_tracker.cli.options import backend_option
from page_tracker.cli.output import CommandError, reporting_file_errors, unknown
from page_tracker.counting.model import Count
from page_tracker.transfer.atomic_file import STANDARD, open_atomically
from page_tracker.transfer.csv_file import write_csv
from page_tracker.transfer.json_file import write_json
from page_tracker.transfer.progress import show_progress


@click.command()
@click.argument(
    "file",
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    default=STANDARD,
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json"]),
    help="csv contains the total views of each page. json also contains the views of "
    "each day, so that import can restore all counts (default: the extension of FILE, "
    "otherwise csv).",
)
@click.option(
    "--site",
    type=Parsed(parse_own_site),
    metavar="SITE",
    help="Export only this site (default: all sites).",
)
@backend_option
def export(
    file: Path, kind: str | None, site: str | None, backend_url: str | None
) -> None:
    """Write all counts to FILE, or to standard output ("-").

    FILE appears only when it is complete. Visitors and ignored views are not exported.
    """
    settings = read_settings(backend_url)
    choice = choose_existing(settings)
    if is_part_of_storage(choice.url, file):
        raise CommandError(f"{file} contains the counts; allowed: another file")
    backend, today = open_chosen(choice, settings), settings.rules.today()
    sites = backend.sites(today)
    if site is not None:
        sites = [total for total in sites if total.site == site]
        if not sites:
            raise unknown(site)
    daily = (kind or file.suffix[1:].lower()) == "json"
    each = (backend.counts(total.site, today) for total in sites)
    counts: Iterator[Count] = chain.from_iterable(each if daily else map(_totals, each))
    if file != STANDARD or not sys.stdout.isatty():
        pages = sum(total.pages for total in sites)
        counts = show_progress(counts, "Exporting", None if daily else pages)
    allowed = "a writable folder, or - for standard output"
    with (
        reporting_file_errors(
            f"cannot write {file}", allowed="" if file == STANDARD else allowed
        ),
        open_atomically(file) as output,
    ):
        (write_json if daily else write_csv)(output, counts)


def _totals(counts: Iterator[Count]) -> Iterator[Count]:
    # The totals come first.
    return takewhile(lambda count: count.day is None, counts)
