"""Lines of text, and rows of tables (RFC 4180), with limits on their length."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from page_tracker.counting.parsing import quoted
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import Entry, FileError

MAX_LINE_BYTES = 2**20
"""A line must be shorter than this. No line with a valid name of a page is as long."""

_CHUNK_BYTES = 2**18
# Some exports are in UTF-16 without a byte order mark, and begin with a comment.
_UTF_16_COMMENTS = {b"#\0": "utf-16-le", b"\0#": "utf-16-be"}
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"} | _UTF_16_COMMENTS


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines in UTF-8, without their line ends. Raises FileError.

    A text in UTF-16 is converted, as read_chunks() does.
    """
    number, rest = 0, b""
    for chunk in read_chunks(file):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            yield line[:-1] if line.endswith(b"\r") else line
        if len(rest) >= MAX_LINE_BYTES:
            raise FileError(
                f"line {number + 1}: the line is too long; allowed: fewer than "
                f"{MAX_LINE_BYTES} bytes"
            )
    if rest:
        yield rest.removesuffix(b"\r")


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content in UTF-8, without a byte order mark. Raises FileError.

    A text in UTF-16 is converted. It begins with a byte order mark or with "#".
    """
    start = file.read(2)
    if encoding := _UTF_16.get(start):
        decoder = codecs.getincrementaldecoder(encoding)()
        if start in _UTF_16_COMMENTS:
            yield decoder.decode(start).encode()
        while chunk := file.read(_CHUNK_BYTES):
            try:
                yield decoder.decode(chunk).encode()
            except UnicodeError:
                raise FileError("the file is not valid UTF-16") from None
        return
    start += file.read(1)
    yield start.removeprefix(codecs.BOM_UTF8)
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def read_text(file: BinaryIO) -> Iterator[str]:
    """Yield the lines as text, without their line ends. Raises FileError."""
    for number, line in enumerate(read_lines(file), 1):
        if b"\0" in line:
            raise FileError(f"line {number}: it contains a NUL byte; allowed: text")
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise FileError(
                f"line {number}: it is not valid UTF-8; allowed: UTF-8, or UTF-16 with "
                "a byte order mark"
            ) from None


def read_rows(file: BinaryIO, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of each row that is not empty. Raises FileError."""
    # Cells may contain line ends, so they are put back.
    lines = (f"{line}\n" for line in read_text(file))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in rows:
            if row:
                yield rows.line_num, row
    except csv.Error as error:
        raise FileError(f"line {rows.line_num}: {error}") from None


class Columns:
    """The columns of a table, found by their names in its header."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = [name.strip().lower() for name in header]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._header

    def index(self, name: str) -> int:
        """Return the position of a column, beginning with 0. Raises FileError."""
        if self._header.count(name.lower()) != 1:
            raise FileError(
                f"line 1: the header has {self._header.count(name.lower())} columns "
                f"named {quoted(name)}; allowed: one"
            )
        return self._header.index(name.lower())


def first_row(head: bytes, delimiter: str = ",") -> list[str]:
    """Return the cells of the first row in the head of a file.

    The list is empty if there is none, or if it is not a valid row.
    """
    try:
        return next(read_rows(BytesIO(head), delimiter), (0, []))[1]
    except FileError:
        return []


def read_entries(
    rows: Iterable[tuple[int, list[str]]],
    width: int,
    read_row: Callable[[int, list[str]], Entry],
) -> Iterator[Entry]:
    """Yield what read_row returns for the line and the cells of each row.

    If it raises ValueError, or if a row has not as many cells as the width, a FileError
    names the line.
    """
    for line, row in rows:
        try:
            if len(row) != width:
                raise ValueError(f"it has {len(row)} columns; allowed: {width}")
            entry = read_row(line, row)
        except ValueError as error:
            raise FileError(f"line {line}: {error}") from None
        yield entry


def read_table(
    member: Member,
    choose_reader: Callable[[list[str]], Callable[[int, list[str]], Entry]],
) -> Iterator[Entry]:
    """Yield the entries of a table. Its header chooses what reads the rows.

    Raises FileError.
    """
    with member.open() as file:
        rows = read_rows(file)
        _, header = next(rows, (1, []))
        yield from read_entries(rows, len(header), choose_reader(header))


@contextmanager
def errors_in(document: Document, member: Member) -> Iterator[None]:
    """Name the member in the text of a FileError, if the document has several."""
    try:
        yield
    except FileError as error:
        if document.only:
            raise
        raise FileError(f"{member.name}, {error}") from None
