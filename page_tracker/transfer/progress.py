"""Progress bars, on standard error if it is a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO, TypeVar

import click

T = TypeVar("T")

_STEP = 1000


def show_progress(items: Iterable[T], label: str, length: int | None) -> Iterator[T]:
    """Yield the items, and show how many of them have been yielded.

    The length is the number of all items, if known."""
    with click.progressbar(
        items,
        length=length,
        label=label,
        show_pos=True,
        update_min_steps=_STEP,
        hidden=not sys.stderr.isatty(),
        file=sys.stderr,
    ) as shown:
        yield from shown


def show_progress_of_file(
    items: Iterable[T], label: str, file: BinaryIO
) -> Iterator[T]:
    """Yield the items that are read from the file, and show how much has been read."""
    size = file.seek(0, 2)
    file.seek(0)
    with click.progressbar(
        length=size, label=label, hidden=not sys.stderr.isatty(), file=sys.stderr
    ) as shown:
        for number, item in enumerate(items):
            if number % _STEP == 0:
                shown.update(file.tell() - shown.pos)
            yield item
        shown.update(size - shown.pos)
