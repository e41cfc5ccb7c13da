"""page-tracker export, page-tracker import: taking counts away and bringing them."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO

import click

from page_tracker.cli.arguments import site_named
from page_tracker.cli.backend import Failure, open_place
from page_tracker.cli.options import Parsed, json_option, redis_url_option
from page_tracker.cli.output import write_json as write_json_document
from page_tracker.counting.model import RETENTION_DAYS, Count
from page_tracker.transfer.atomic_file import STANDARD, open_whole
from page_tracker.transfer.export_files import (
    FileError,
    hashed,
    read_counts,
    write_csv,
    write_json,
)
from page_tracker.transfer.progress import told, told_by_file


@click.command()
@click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path), default=STANDARD
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json"]),
    help="csv: the views of each page, of all time; json: also those of each day, and "
    "all that import needs to bring everything back (as the name of FILE ends, else "
    "csv).",
)
@click.option(
    "--site",
    type=Parsed(site_named),
    metavar="SITE",
    help="Only this site (all).",
)
@redis_url_option
def export(
    file: Path, kind: str | None, site: str | None, redis_url: str | None
) -> None:
    """Write all counts to FILE, or to standard output ("-").

    FILE appears when it is complete. Visitors, and the views that were ignored, stay
    behind.
    """
    backend, today = open_place(redis_url)
    totals = backend.sites(today)
    if site is not None:
        totals = [total for total in totals if total.site == site]
        if not totals:
            raise Failure(f"{site} is not known: nothing is counted of it")
    of_days = (kind or file.suffix[1:].lower()) == "json"
    each = (backend.counts(total.site, today) for total in totals)
    counts: Iterator[Count] = chain.from_iterable(
        each if of_days else map(_of_all_time, each)
    )
    if file != STANDARD or not sys.stdout.isatty():
        pages = sum(total.pages for total in totals)
        counts = told(counts, "Exporting", None if of_days else pages)
    with _failing(f"{file} cannot be written"), open_whole(file) as output:
        (write_json if of_days else write_csv)(output, counts)


@contextmanager
def _failing(what: str) -> Iterator[None]:
    """Say what has failed if a file does."""
    try:
        yield
    except BrokenPipeError:
        # Who has read enough is no failure.
        raise
    except OSError as error:
        raise Failure(f"{what}: {error.strerror}") from None


def _of_all_time(counts: Iterator[Count]) -> Iterator[Count]:
    # They come first.
    return takewhile(lambda count: count.day is None, counts)


@dataclass(frozen=True, slots=True)
class _Content:
    """What is in a file, and proper."""

    name: str
    """That of no other content."""

    pages: int
    days: int
    left_out: int
    """Of days that are no longer kept."""


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
    backend, today = open_place(redis_url)
    with _failing("the file cannot be read"), _seekable(file) as content:
        checked = _check(content, today)
        added = checked.pages + checked.days > 0 and backend.add_counts(
            _again(content, checked, today),
            name=checked.name,
            replace=not add,
            today=today,
        )
    if as_json:
        write_json_document(
            {
                "added": added,
                "pages": checked.pages,
                "days": checked.days,
                "left_out": checked.left_out,
            }
        )
    else:
        click.echo(_told(checked, added))


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Give a file that can be read twice; of a pipe, a copy."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy


def _check(file: BinaryIO, today: date) -> _Content:
    """Read all of a file. Raises FileError."""
    digest = blake2b(digest_size=16)
    pages = days = left_out = 0
    counts = told_by_file(read_counts(file, today), "Checking", file)
    for count in hashed(counts, digest):
        if count.day is None:
            pages += 1
        elif _is_kept(count.day, today):
            days += 1
        else:
            left_out += 1
    return _Content(digest.hexdigest(), pages, days, left_out)


def _again(file: BinaryIO, checked: _Content, today: date) -> Iterator[Count]:
    """Yield the counts of a file that was checked. Raises FileError if it changes."""
    digest = blake2b(digest_size=16)
    counts = told_by_file(read_counts(file, today), "Taking in", file)
    for count in hashed(counts, digest):
        if count.day is None or _is_kept(count.day, today):
            yield count
    # Before the end, so that none of them is taken in.
    if digest.hexdigest() != checked.name:
        raise FileError("the file has changed while it was read; nothing is taken in")


def _is_kept(day: date, today: date) -> bool:
    return day > today - timedelta(days=RETENTION_DAYS)


def _told(checked: _Content, added: bool) -> str:
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
