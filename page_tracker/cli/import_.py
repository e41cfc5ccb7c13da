"""page-tracker import"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, tzinfo
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import click

from page_tracker.backends.maintenance import storage_exists
from page_tracker.backends.protocol import CounterBackend, LimitReachedError
from page_tracker.cli.argument_types import Parsed, parse_columns, parse_format
from page_tracker.cli.backend import (
    choose_as_server,
    choose_or_create,
    open_chosen,
    read_settings,
)
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import CommandError, print_json, reporting_file_errors
from page_tracker.counting.parsing import parse_day
from page_tracker.counting.stored_names import parse_own_site
from page_tracker.settings import Settings
from page_tracker.settings.values import parse_timezone
from page_tracker.transfer.atomic_file import STANDARD
from page_tracker.transfer.content import Content
from page_tracker.transfer.entries import FileError, Options
from page_tracker.transfer.importing import check_for_doubles, site_imports
from page_tracker.transfer.opening import open_document, printable, size_of
from page_tracker.transfer.progress import showing_progress
from page_tracker.transfer.reading import Reader, Selection
from page_tracker.transfer.summary import summarize, summary_json


def _only_one(_: click.Context, __: click.Parameter, sites: Sequence[str]) -> Any:
    """Return the site, if any. Otherwise, the last one would silently be taken."""
    if len(sites) > 1:
        raise click.BadParameter("there are several; allowed: one site, or all sites")
    return sites[0] if sites else None


@click.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option(
    "--format",
    "format_name",
    type=Parsed(parse_format),
    metavar="NAME",
    help="The format of the files (default: recognized by their content).",
)
@click.option(
    "--site",
    type=Parsed(parse_own_site),
    multiple=True,
    callback=_only_one,
    metavar="SITE",
    help="The site of files that name none. If they name sites: import only this one.",
)
@click.option(
    "--timezone",
    type=Parsed(parse_timezone),
    metavar="ZONE",
    help="The time zone in which days begin, for files with times (default: "
    "PAGE_TRACKER_TIMEZONE, or UTC).",
)
@click.option(
    "--columns",
    type=Parsed(parse_columns),
    default="",
    metavar="NAMES",
    help="The names of columns in a table of Google Analytics in another language, "
    "such as path=Seitenpfad,views=Aufrufe,date=Datum.",
)
@click.option(
    "--from",
    "first",
    type=Parsed(parse_day),
    metavar="DAY",
    help="Import nothing before this day, such as 2026-11-23.",
)
@click.option(
    "--until",
    "last",
    type=Parsed(parse_day),
    metavar="DAY",
    help="Import nothing after this day.",
)
@click.option(
    "--add",
    "mode",
    flag_value="add",
    help="Add to the counts of sites and days that have some already.",
)
@click.option(
    "--replace",
    "mode",
    flag_value="replace",
    help="Replace the counts of the pages in an export of page-tracker.",
)
@click.option(
    "--count-visits",
    is_flag=True,
    help="Count visits or visitors as views, if a file has no views.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would be imported, and count nothing."
)
@json_option
@backend_option
def import_(  # pylint: disable=too-many-arguments  # click passes each option
    *,
    files: Sequence[Path],
    mode: str | None,
    count_visits: bool,
    dry_run: bool,
    as_json: bool,
    backend_url: str | None,
    **reading: Any,
) -> None:
    """Import counts from FILEs: all of them, or none.

    FILEs are exports of page-tracker or of another counter, or the access logs of a web
    server, also compressed or in a zip archive; "-" is standard input. All files are
    read to their ends before any count changes, and what is left out is listed. Views
    that have been imported before are not imported again, and days that the site
    already has counts of are refused.
    """
    # An import keeps a processor busy. Views come first.
    os.nice(10)
    settings = read_settings(backend_url)
    today = settings.rules.today()
    with closing(_reader(settings, **reading)) as reader:
        content = _read(reader, files)
        _check(content, replace=mode == "replace", visits=count_visits or dry_run)
        changed: set[str] = set()
        if not dry_run and content.by_site():
            # Opened after the check: a wrong file must not create an empty storage.
            backend = open_chosen(choose_or_create(settings), settings)
            changed = _import(backend, content, mode, today)
        if as_json:
            print_json({"added": bool(changed)} | summary_json(content))
        else:
            click.echo("\n".join(summarize(content, today)))
            click.echo(_outcome(content, changed, dry_run))
        if dry_run and mode is None:
            _check_existing(settings, content)


def _reader(  # pylint: disable=too-many-arguments  # click passes each option
    settings: Settings,
    *,
    format_name: str | None,
    site: str | None,
    timezone: tzinfo | None,
    columns: dict[str, str],
    first: date | None,
    last: date | None,
) -> Reader:
    if first and last and first > last:
        raise FileError(
            "--from is after --until; allowed: the same day, or one before it"
        )
    rules = settings.rules
    if site:
        site = rules.naming.site(site)
    options = Options(rules.today(), timezone or rules.timezone, rules, columns)
    return Reader(options, Selection(site, first, last), format_name)


def _read(reader: Reader, files: Sequence[Path]) -> Content:
    with (
        _reporting_errors("cannot read the files"),
        showing_progress("Reading", size_of(files)) as progress,
    ):
        for file in files:
            name = "standard input" if file == STANDARD else printable(str(file))
            try:
                with (
                    _reporting_errors(f"cannot read {name}"),
                    open_document(file, progress) as document,
                ):
                    reader.read(document)
            except FileError as error:
                raise FileError(f"{name}: {error}") from None
        return reader.finish()


@contextmanager
def _reporting_errors(prefix: str) -> Iterator[None]:
    """Report errors of the files, and of the disk with the temporary files."""
    with reporting_file_errors(prefix):
        try:
            yield
        except OSError as error:
            if error.errno not in (ENOSPC, EDQUOT):
                raise
            raise CommandError(
                f"{gettempdir()} has no space left for temporary files; allowed: "
                "another folder, named by the variable TMPDIR"
            ) from None


def _check(content: Content, *, replace: bool, visits: bool) -> None:
    """Check that the files have what the user wants to import. Raises FileError."""
    for file in content.files:
        if file.format.measure != "views" and not visits:
            raise FileError(
                f"{file.name} ({file.format.title}) has {file.format.measure} instead "
                "of views; allowed: --count-visits, to count them as views"
            )
        if replace and not file.format.has_totals:
            raise FileError(
                f"{file.name} ({file.format.title}) does not have the totals of pages, "
                "so it cannot replace counts; allowed: --add, or --from and --until"
            )


def _check_existing(settings: Settings, content: Content) -> None:
    """Check the counts that the server has, if any. Raises FileError."""
    choice = choose_as_server(settings)
    if storage_exists(choice.url):
        backend = open_chosen(choice, settings)
        check_for_doubles(backend, content, settings.rules.today())


def _import(
    backend: CounterBackend, content: Content, mode: str | None, today: date
) -> set[str]:
    if mode is None:
        check_for_doubles(backend, content, today)
    with (
        reporting_file_errors("cannot read temporary files"),
        showing_progress("Importing", content.number_of_counts()) as progress,
    ):
        imports = site_imports(content, today, progress)
        replace = mode == "replace"
        try:
            return backend.import_counts(imports, replace=replace, today=today)
        except LimitReachedError as error:
            raise CommandError(f"{error}; nothing was imported") from None


def _outcome(content: Content, changed: set[str], dry_run: bool) -> str:
    if dry_run:
        return "Nothing was imported, because this is a dry run."
    if not content.by_site():
        return "Nothing was imported: there is nothing to import."
    if not changed:
        return "Nothing was imported: these counts have been imported before."
    return "Imported."
