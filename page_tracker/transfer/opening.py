"""Opens the files to import: plain, compressed with gzip or bzip2, or zip archives."""

import bz2
import errno
import gzip
import io
import lzma
import os
import shutil
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any, BinaryIO, cast

from page_tracker.transfer.atomic_file import STANDARD
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import FileError

# Real exports and logs shrink to a hundredth at most. A zip bomb shrinks to less.
_LARGEST_RATIO = 250
_ALWAYS_ALLOWED_BYTES = 2**22
# The heads of all members are in memory at once.
_MOST_MEMBERS = 1_000

_ZIP, _GZIP, _BZIP2 = b"PK\x03\x04", b"\x1f\x8b", b"BZh"
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, UnicodeDecodeError),
)
_IS_DAMAGED = "the file is damaged or truncated; allowed: a whole file"

Progress = Callable[[int], None]
"""Is called with the number of bytes of a file that have been read."""


def size_of(paths: Sequence[Path]) -> int:
    """Return the size of the regular files among these, in bytes. Raises OSError."""
    found = [path.stat() for path in paths if path != STANDARD]
    return sum(each.st_size for each in found if S_ISREG(each.st_mode))


def printable(name: str) -> str:
    """Return the name of a file with a mark for what cannot be shown on one line."""
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name
    )


@contextmanager
def open_document(path: Path, progress: Progress) -> Iterator[Document]:
    """Open a file as a document. "-" is standard input.

    The progress gets the bytes that are read from the file, before it is decompressed.
    Raises FileError and OSError, also at the end, if the file has changed meanwhile.
    """
    with ExitStack() as stack:
        name, file = printable(path.name), path
        if path == STANDARD:
            file = _standard_input() or stack.enter_context(_copied(path))
            name = "standard input"
        elif path.exists() and not (path.is_file() or path.is_dir()):
            file = stack.enter_context(_copied(path))
        before = _state(file)
        with file.open("rb") as opened:
            is_archive = opened.read(len(_ZIP)) == _ZIP
        if is_archive:
            members = _entries(file, stack, progress)
        else:
            members = [Member(name, partial(_open_plain, file, progress))]
        yield Document(name, members)
        if _state(file) != before:
            raise FileError(
                "the file changed while it was read; allowed: a file that nobody "
                "writes to, such as a copy"
            )


def _standard_input() -> Path | None:
    """Return a path of standard input, if it is a whole file that can be opened again.

    Only Linux has such paths. The file may have no other name.
    """
    try:
        path = Path(f"/proc/self/fd/{sys.stdin.fileno()}")
        is_whole = path.is_file() and sys.stdin.buffer.tell() == 0
    except OSError:
        # A pipe has no position, and a replaced standard input has no number.
        return None
    return path if is_whole and os.access(path, os.R_OK) else None


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """Copy a pipe or a device, because the content is read more than once."""
    with tempfile.NamedTemporaryFile(prefix="page-tracker-") as copy:
        if path == STANDARD:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with path.open("rb") as file:
                shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


def _state(path: Path) -> tuple[int, int, int, int]:
    """Return what changes when the file does."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _entries(file: Path, stack: ExitStack, progress: Progress) -> list[Member]:
    with _explaining():
        # pylint: disable-next=consider-using-with  # the stack closes it
        archive = zipfile.ZipFile(file)
    stack.enter_context(archive)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MOST_MEMBERS:
        raise FileError(
            f"the archive contains {len(entries)} files; allowed: at most "
            f"{_MOST_MEMBERS}"
        )
    # Files that overlap are a trick of zip bombs.
    if sum(entry.compress_size for entry in entries) > file.stat().st_size:
        raise FileError(_IS_DAMAGED)
    budget = _Budget()
    return [
        Member(
            printable(entry.filename),
            partial(_open_entry, archive, entry, budget, progress),
        )
        for entry in entries
    ]


def _open_entry(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    budget: "_Budget",
    progress: Progress,
) -> BinaryIO:
    share = entry.compress_size / max(entry.file_size, 1)

    def report(number: int) -> None:
        budget.earn(round(number * share))
        progress(round(number * share))

    with _explaining():
        content = archive.open(entry)
    return _decompressed(content, report, budget)


def _open_plain(path: Path, progress: Progress) -> BinaryIO:
    budget = _Budget()

    def report(number: int) -> None:
        budget.earn(number)
        progress(number)

    # pylint: disable-next=consider-using-with  # the reader closes it
    return _decompressed(path.open("rb", buffering=0), report, budget)


def _decompressed(
    file: IO[bytes] | io.IOBase, report: Progress, budget: "_Budget"
) -> BinaryIO:
    """Return the content of a file, which may be compressed."""
    # What is read ahead allows a bomb to be larger.
    buffered = io.BufferedReader(_Measured(file, report), 2**14)
    with ExitStack() as on_error:
        on_error.callback(buffered.close)
        start = buffered.peek(3)
        on_error.pop_all()
    content: io.BufferedIOBase = buffered
    if start.startswith(_GZIP):
        content = gzip.GzipFile(fileobj=buffered)
    elif start.startswith(_BZIP2):
        content = bz2.BZ2File(buffered)
    checked = _Measured(content, budget.spend, buffered)
    return cast(BinaryIO, io.BufferedReader(checked, 2**16))


class _Budget:
    """How many bytes may come out of the compressed bytes that have been read."""

    def __init__(self) -> None:
        self._left = _ALWAYS_ALLOWED_BYTES

    def earn(self, compressed: int) -> None:
        """Allow what these compressed bytes may contain."""
        self._left += _LARGEST_RATIO * compressed

    def spend(self, number: int) -> None:
        """Take bytes from the budget. Raises FileError if it is used up."""
        self._left -= number
        if self._left < 0:
            raise FileError(
                f"the file is more than {_LARGEST_RATIO} times larger when it is "
                "decompressed, like a zip bomb; allowed: less, or the decompressed file"
            )


class _Measured(io.RawIOBase):
    """A file that reports how many bytes are read, and explains errors."""

    def __init__(
        self,
        content: IO[bytes] | io.IOBase,
        report: Callable[[int], None],
        *beneath: io.IOBase,
    ) -> None:
        """Prepare to read the content, and to close it and what is beneath it."""
        super().__init__()
        self._content = content
        self._report = report
        self._beneath = beneath

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into the buffer. Raises FileError and OSError."""
        with _explaining():
            read: int = self._content.readinto(buffer)  # type: ignore[union-attr]
        self._report(read)
        return read

    def close(self) -> None:
        """Close the content, too."""
        for file in (self._content, *self._beneath):
            file.close()
        super().close()


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except _DAMAGED:
        raise FileError(_IS_DAMAGED) from None
    except NotImplementedError as error:
        raise FileError(
            f"the archive cannot be read: {printable(str(error))}; allowed: a zip "
            "archive with deflate, bzip2, LZMA or no compression"
        ) from None
    except RuntimeError:
        raise FileError(
            "the archive cannot be read: it needs a password; allowed: an archive "
            "without"
        ) from None
    except OSError as error:
        # Wrong positions in an archive are invalid arguments for the system.
        if error.errno in (None, errno.EINVAL):
            raise FileError(_IS_DAMAGED) from None
        raise
