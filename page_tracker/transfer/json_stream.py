"""JSON documents of any size, read in little memory."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from page_tracker.transfer.entries import FileError
from page_tracker.transfer.rows import read_chunks

# The head of a document and each entry are much shorter.
_MAX_VALUE_BYTES = 2**22
# ijson remembers a name for each level, which is as long as the level is deep.
_MAX_DEPTH = 1_000
_PIECE_BYTES = 2**12


class JsonError(ValueError):
    """A document is not valid JSON. The text says why, in one line."""


class _Pieces:
    """The content of a file in UTF-8, for ijson."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = (
            chunk[start : start + _PIECE_BYTES]
            for chunk in read_chunks(file)
            for start in range(0, len(chunk), _PIECE_BYTES)
        )
        self._depth = 0
        self.unused = 0
        """The number of bytes that have been read since something was found."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, however many; none at the end, and none for size 0.

        Raises FileError.
        """
        piece = next(self._pieces, b"") if size else b""
        self.unused += len(piece)
        # A few brackets in texts do not matter.
        opened = piece.count(b"[") + piece.count(b"{")
        closed = piece.count(b"]") + piece.count(b"}")
        self._depth = max(self._depth + opened - closed, 0)
        if self.unused > _MAX_VALUE_BYTES or self._depth > _MAX_DEPTH:
            raise FileError(
                "the JSON has a value that is too long or too deep; allowed: at most "
                f"{_MAX_VALUE_BYTES} bytes and {_MAX_DEPTH} levels"
            )
        return piece


def json_events(file: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    """Yield the events of ijson.parse(). Raises JsonError, FileError and OSError."""
    return _read("parse", file)


def json_items(file: BinaryIO, prefix: str) -> Iterator[Any]:
    """Yield what ijson.items() finds. Raises JsonError, FileError and OSError."""
    return _read("items", file, prefix)


def _read(function: str, file: BinaryIO, *arguments: str) -> Iterator[Any]:
    # Imported here, because little else needs it.
    import ijson  # pylint: disable=import-outside-toplevel

    pieces = _Pieces(file)
    try:
        # With use_float, ijson refuses a number of 5000 digits. Without, it crashes.
        for found in getattr(ijson, function)(pieces, *arguments, use_float=True):
            pieces.unused = 0
            yield found
    except ijson.JSONError as error:
        (reason,) = error.args
        # It quotes the document, and does so in bytes if that is not valid UTF-8.
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise JsonError(str(text).partition("\n")[0]) from None
