"""Files that appear complete, or not at all."""

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
    """Open a text file that gets its name when it is complete.

    An existing file of that name stays until then, and also if writing fails. Pipes,
    devices and standard output receive the text as it is written. Raises OSError.
    """
    if path == STANDARD:
        yield sys.stdout
        return
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as file:
            yield file
        return
    # In the same folder, because a file cannot be renamed across file systems.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
