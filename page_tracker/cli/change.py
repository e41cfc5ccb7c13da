"""Making a change by a command, and printing what it did."""

import click

from page_tracker.backends.protocol import CounterBackend
from page_tracker.changes.change import Change
from page_tracker.changes.errors import ChangeError, InvalidChangeError
from page_tracker.changes.making import Made, make
from page_tracker.cli.output import CommandError, print_json
from page_tracker.counting.rules import Rules


def make_change(change: Change, backend: CounterBackend, rules: Rules) -> Made:
    """Make a change. Raises UsageError, CommandError and BackendError."""
    try:
        return make(change, backend, rules)
    except InvalidChangeError as error:
        raise click.UsageError(str(error)) from None
    except ChangeError as error:
        raise CommandError(str(error)) from None


def print_made(
    made: Made, text: str, document: dict[str, object], *, as_json: bool
) -> None:
    """Print what a change did, and how to undo it."""
    if as_json:
        print_json(document | {"how_to_undo": made.how_to_undo})
    else:
        click.echo(f"{text}\nTo undo it: {made.how_to_undo}")
