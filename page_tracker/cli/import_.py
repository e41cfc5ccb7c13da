"""page-tracker import"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click

from page_tracker.cli.backend import choose_or_create, open_chosen, read_settings
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, reporting_file_errors
from page_tracker.counting.model import RETENTION_DAYS
from page_tracker.transfer.importing import CheckedFile, check_file, read_checked_file


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--add/--replace",
    default=True,
    help="Add the views in FILE to the existing ones (the default), or replace the "
    "views of the pages in FILE.",
)
@json_option
@backend_option
def import_(file: BinaryIO, add: bool, as_json: bool, backend_url: str | None) -> None:
    """Import the counts in FILE: all of them, or none.

    FILE is a JSON export or a CSV file, or "-" for standard input. A CSV file needs a
    header with the columns "page" and "views", in any order; other columns are ignored.
    A page is a name such as example.com/blog, a whole URL, or "/" for the tracker's
    own front page. The whole file is checked before any count changes. A file that has
    been added before is not added again.
    """
    settings = read_settings(backend_url)
    today = settings.rules.today()
    with reporting_file_errors("cannot read the file"), _seekable(file) as content:
        checked = check_file(content, today)
        # Opened after the check: a wrong file must not create an empty storage.
        backend = open_chosen(choose_or_create(settings), settings)
        added = checked.pages + checked.days > 0 and backend.add_counts(
            read_checked_file(content, checked, today),
            name=checked.digest,
            replace=not add,
            today=today,
        )
    if as_json:
        print_json(
            {
                "added": added,
                "pages": checked.pages,
                "days": checked.days,
                "left_out": checked.left_out,
            }
        )
    else:
        click.echo(_summarize(checked, added))


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a file that can be read twice: for a pipe, this is a temporary copy."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy


def _summarize(checked: CheckedFile, added: bool) -> str:
    left_out = ""
    if checked.left_out:
        left_out = (
            f" Left out {_plural(checked.left_out, 'daily count')} from more than "
            f"{RETENTION_DAYS} days ago."
        )
    if not checked.pages + checked.days:
        return f"The file has no counts to import.{left_out}"
    if not added:
        return "Nothing was imported: these counts have been added before."
    pages = _plural(checked.pages, "page total")
    days = _plural(checked.days, "daily count")
    return f"Imported {pages} and {days}.{left_out}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
