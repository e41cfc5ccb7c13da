"""Progress bars, on standard error if it is a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

T = TypeVar("T")

_STEP = 1000


def show_progress(
    items: Iterable[T], length: int | None = None, *, is_shown: bool
) -> Iterator[T]:
    """Yield the items, and show how many of them have been exported.

    The length is the number of all items, if known.
    """
    with click.progressbar(
        items,
        length=length,
        label="Exporting",
        show_pos=True,
        update_min_steps=_STEP,
        hidden=not (is_shown and sys.stderr.isatty()),
        file=sys.stderr,
    ) as shown:
        yield from shown


@contextmanager
def showing_progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show progress towards this length. Yields a function that adds to it."""
    with click.progressbar(
        length=length, label=label, hidden=not sys.stderr.isatty(), file=sys.stderr
    ) as shown:
        yield shown.update
