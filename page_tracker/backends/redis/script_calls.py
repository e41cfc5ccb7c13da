"""Calls of Lua scripts. A call can safely be sent again after a lost reply."""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, NamedTuple, Self, TypeVar

from page_tracker.backends.protocol import BackendError

R = TypeVar("R")

Argument = str | bytes | int


def _sha(source: bytes) -> str:
    # Redis identifies scripts by SHA-1. Nothing secret depends on the hash.
    return sha1(source, usedforsecurity=False).hexdigest()


class Script:
    """A Lua script of this package, and the hash by which Redis knows it."""

    def __init__(self, name: str) -> None:
        self.source = files(__package__).joinpath("scripts", name).read_bytes()
        self.sha = _sha(self.source)


class Rehearsal(Script):
    """A script that runs another one, and then deletes all its keys."""

    def __init__(self, script: Script) -> None:
        super().__init__("rehearse.lua")
        parts = b"local function rehearse()", script.source, b"end", self.source
        self.source = b"\n".join(parts)
        self.sha = _sha(self.source)

    @classmethod
    @cache
    def of(cls, script: Script) -> Self:
        """Return the rehearsal of a script."""
        return cls(script)


class Call(NamedTuple, Generic[R]):
    """A call of a script, and the function that parses its reply."""

    script: Script
    keys: tuple[str, ...]
    arguments: tuple[Argument, ...]
    parse: Callable[[Any], Sequence[R | BackendError]]
    """Returns a result for each request. Raises ValueError if the reply lacks one."""

    def by_hash(self) -> tuple[Argument, ...]:
        """Return the EVALSHA command, for a script that Redis has cached."""
        return "EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.arguments

    def by_source(self) -> tuple[Argument, ...]:
        """Return the EVAL command, which also makes Redis cache the script."""
        return "EVAL", self.script.source, len(self.keys), *self.keys, *self.arguments


def parse_integer(reply: bytes) -> list[int]:
    """Parse a reply that is one integer."""
    return [int(reply)]
