"""What is asked of Redis: calls of scripts, each of which may be sent again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, TypeVar

from page_tracker.backends.protocol import BackendError

A = TypeVar("A")

Argument = str | bytes | int


class Script:
    """A Lua script of this package, and the hash by which Redis knows it."""

    def __init__(self, name: str) -> None:
        self.source = files(__package__).joinpath("scripts", name).read_bytes()
        # Redis wants this hash, and it is no secret.
        self.sha = sha1(self.source, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """One call of a script, and how to read the reply."""

    script: Script
    keys: tuple[str, ...]
    arguments: tuple[Argument, ...]
    read: Callable[[Any], Sequence[A | BackendError]]
    """Returns an answer for each who waits. Raises ValueError if that is not in it."""

    def by_hash(self) -> tuple[Argument, ...]:
        """Return the command for when Redis has the script."""
        return "EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.arguments

    def by_source(self) -> tuple[Argument, ...]:
        """Return the command that makes Redis have it, too."""
        return "EVAL", self.script.source, len(self.keys), *self.keys, *self.arguments


def number(reply: bytes) -> list[int]:
    """Read a reply that is a number."""
    return [int(reply)]
