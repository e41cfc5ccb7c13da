"""Progress bars, on standard error if it is a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO, TypeVar

import click

T = TypeVar("T")

_STEP = 1000


def show_progress(things: Iterable[T], label: str, most: int | None) -> Iterator[T]:
    """Yield the items, and show how many of at most so many have been yielded."""
    with click.progressbar(
        things,
        length=most,
        label=label,
        show_pos=True,
        update_min_steps=_STEP,
        hidden=not sys.stderr.isatty(),
        file=sys.stderr,
    ) as followed:
        yield from followed


def show_progress_of_file(
    things: Iterable[T], label: str, file: BinaryIO
) -> Iterator[T]:
    """Yield the items read from a file, and show how much of the file is read."""
    size = file.seek(0, 2)
    file.seek(0)
    with click.progressbar(
        length=size, label=label, hidden=not sys.stderr.isatty(), file=sys.stderr
    ) as shown:
        for number, thing in enumerate(things):
            if number % _STEP == 0:
                shown.update(file.tell() - shown.pos)
            yield thing
        shown.update(size - shown.pos)
