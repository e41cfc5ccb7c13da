"""The files to import as documents: plain, compressed or in an archive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

_HEAD_BYTES = 2**16


@dataclass(frozen=True)
class Member:
    """A file in an archive, or a plain file."""

    name: str
    """The name, with the folders in the archive."""

    open: Callable[[], BinaryIO]
    """Opens the decompressed content at its beginning. Raises FileError and OSError.

    So does reading it.
    """

    @cached_property
    def head(self) -> bytes:
        """The first 64 KB of the content, or all of it if it is shorter."""
        with self.open() as file:
            return file.read(_HEAD_BYTES)

    def opened_by(self, open_: Callable[[], BinaryIO]) -> "Member":
        """Return the same member, with another function to open it."""
        member = Member(self.name, open_)
        # The head is not read again.
        member.__dict__["head"] = self.head
        return member


@dataclass(frozen=True)
class Document:
    """One file to import: a plain file, or an archive with several members."""

    name: str
    """The name of the file."""

    members: Sequence[Member]

    @property
    def only(self) -> Member | None:
        """The member, if there is only one."""
        return self.members[0] if len(self.members) == 1 else None

    def find(self, name: str) -> Member | None:
        """Return the member with this name in whichever folder, or None."""
        for member in self.members:
            if member.name.rpartition("/")[2] == name:
                return member
        return None
