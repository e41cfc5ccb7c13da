"""Files that are there whole, or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

STANDARD = Path("-")
"""Standard input or output."""


@contextmanager
def open_atomically(path: Path) -> Iterator[IO[str]]:
    """Open a file for text that gets its name when all of it is written.

    Until then, and if it never is, the file stays that had the name before. Pipes,
    devices and standard output get what is written as it comes. Raises OSError.
    """
    if path == STANDARD:
        yield sys.stdout
        return
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as file:
            yield file
        return
    # In the same folder: from another file system, it could not be renamed.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
