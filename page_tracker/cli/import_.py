"""page-tracker import"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click

from page_tracker.cli.backend import open_shared_backend
from page_tracker.cli.options import json_option, redis_url_option
from page_tracker.cli.output import reporting_file_errors, write_json
from page_tracker.counting.model import RETENTION_DAYS
from page_tracker.transfer.importing import CheckedFile, check_file, read_checked_file


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--add/--replace",
    default=True,
    help="Add the views to those that are there (the default), or let the pages in "
    "FILE have just the views that they have there.",
)
@json_option
@redis_url_option
def import_(file: BinaryIO, add: bool, as_json: bool, redis_url: str | None) -> None:
    """Take in the counts in FILE: all of them or none.

    FILE, or standard input ("-"), is an export in JSON, or CSV from anywhere: with a
    header, in which the columns "page" (example.com/blog, or a whole URL; "/" is the
    tracker's own front page) and "views" are named, in any order and among others. All
    of it is checked before anything is counted. What has been added before is not added
    again.
    """
    backend, today = open_shared_backend(redis_url)
    with reporting_file_errors("the file cannot be read"), _seekable(file) as content:
        checked = check_file(content, today)
        added = checked.pages + checked.days > 0 and backend.add_counts(
            read_checked_file(content, checked, today),
            name=checked.digest,
            replace=not add,
            today=today,
        )
    if as_json:
        write_json(
            {
                "added": added,
                "pages": checked.pages,
                "days": checked.days,
                "left_out": checked.left_out,
            }
        )
    else:
        click.echo(_summary(checked, added))


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Give a file that can be read twice; of a pipe, a copy."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy


def _summary(checked: CheckedFile, added: bool) -> str:
    left_out = ""
    if checked.left_out:
        left_out = (
            f" {checked.left_out} of days are left out: they are more than "
            f"{RETENTION_DAYS} days ago."
        )
    if not checked.pages + checked.days:
        return f"Nothing is in the file to be taken in.{left_out}"
    if not added:
        return "Nothing is added: the same has been added before."
    return (
        f"Taken in: {checked.pages} counts of pages, and {checked.days} of pages on "
        f"single days.{left_out}"
    )
