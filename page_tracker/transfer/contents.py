"""Notices files that have the same content, and would be counted twice."""

import io
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, BinaryIO, cast

from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import FileError


class Contents:
    """The contents of the files of one import, however they are compressed."""

    def __init__(self) -> None:
        self._members: dict[bytes, Member] = {}

    def watch(self, document: Document) -> Document:
        """Return the same document. Reading it raises FileError if it came before."""
        return Document(document.name, [self._watch(each) for each in document.members])

    def _watch(self, member: Member) -> Member:
        def check(digest: bytes) -> None:
            # A reader may read a member more than once.
            first = self._members.setdefault(digest, member)
            if first is not member:
                raise FileError(
                    f"it has the same content as {first.name}; allowed: each file once"
                )

        return member.opened_by(
            lambda: cast(
                BinaryIO, io.BufferedReader(_Hashed(member.open(), check), 2**16)
            )
        )


class _Hashed(io.RawIOBase):
    """A file that reports the hash of its content when it has been read."""

    def __init__(self, file: BinaryIO, report: Callable[[bytes], None]) -> None:
        super().__init__()
        self._file = file
        self._report = report
        self._hash = blake2b(digest_size=16)
        self._is_empty = True

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into the buffer. Raises FileError and OSError."""
        content = self._file.read1(len(buffer))  # type: ignore[attr-defined]
        buffer[: len(content)] = content
        self._hash.update(content)
        if content:
            self._is_empty = False
        elif not self._is_empty:
            self._report(self._hash.digest())
        return len(content)

    def close(self) -> None:
        """Close the file, too."""
        self._file.close()
        super().close()
