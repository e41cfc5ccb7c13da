"""The output and the errors of commands, for people, pipes and programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from page_tracker.counting.model import Page
from page_tracker.operations.terminal import cells, in_columns, left_aligned, readable

Cell = str | int


class CommandError(click.ClickException):
    """The command failed. The text says why, in one line."""


def unknown(what: Page | str) -> CommandError:
    """Return the error about a page or a site that has no counts."""
    return CommandError(f"{readable(what)} is not known: it has no counts")


def confirm(question: str, *, otherwise: str) -> None:
    """Ask for confirmation. If the answer is not yes, raises CommandError."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            "cannot ask for confirmation without a terminal; allowed: --yes"
        )
    if not click.confirm(question, err=True):
        raise CommandError(otherwise)


def print_json(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print rows: aligned below headings on a terminal, otherwise separated by tabs."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(map(str, row)))
        return
    lines = [headings, *rows]
    widths = [max(cells(str(cell)) for cell in column) for column in zip(*lines)]
    # All cells of a column have the same type. Numbers are aligned to the right.
    numbers = [isinstance(cell, int) for cell in (rows or lines)[0]]
    for line in lines:
        aligned = [
            str(cell).rjust(width) if is_number else left_aligned(str(cell), width)
            for cell, width, is_number in zip(line, widths, numbers, strict=True)
        ]
        click.echo(in_columns(aligned))


@contextmanager
def reporting_file_errors(prefix: str, *, allowed: str = "") -> Iterator[None]:
    """Turn an OSError into a one-line error that begins with the prefix.

    If something else is allowed, the error says so.
    """
    try:
        yield
    except BrokenPipeError:
        # The reader of a pipe may stop early. That is not an error.
        raise
    except OSError as error:
        remedy = f"; allowed: {allowed}" if allowed else ""
        raise CommandError(f"{prefix}: {error.strerror}{remedy}") from None
