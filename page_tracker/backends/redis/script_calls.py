"""What is asked of Redis: calls of scripts, each of which may be sent again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha1
from importlib.resources import files
from typing import Any, Generic, TypeVar

from page_tracker.backends.protocol import BackendError
from page_tracker.counting.model import Page, Tally

A = TypeVar("A")

Argument = str | bytes | int


class Script:
    """A Lua script of this package, and the hash by which Redis knows it."""

    def __init__(self, name: str) -> None:
        self.source = files(__package__).joinpath("scripts", name).read_bytes()
        # Redis wants this hash, and it is no secret.
        self.sha = sha1(self.source, usedforsecurity=False).hexdigest()


_TALLY, _ADMIT, _SALT = Script("tally.lua"), Script("admit.lua"), Script("salt.lua")


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


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody wants the tally of a page as it stands."""

    page: Page
    day: date


def tally(readings: Sequence[Reading]) -> Call[Tally]:
    """Read the tallies of pages of one site on one day."""
    site, day = readings[0].page.site, readings[0].day
    paths = tuple({reading.page.path: None for reading in readings})

    def read(reply: bytes) -> list[Tally]:
        site_views, visitors, *page_views = map(int, reply.split())
        views = dict(zip(paths, page_views, strict=True))
        return [
            Tally(views[reading.page.path], site_views, visitors)
            for reading in readings
        ]

    keys = site_key(site), key_of(site, "pages"), key_of(site, f"visitors:{day}")
    return Call(_TALLY, keys, paths, read)


def admit(site: str, most: int) -> Call[bool]:
    """Make a site known, unless so many are."""
    return Call(_ADMIT, (KNOWN_SITES,), (site, most), lambda reply: [bool(int(reply))])


def salt_of(day: date, proposed: bytes) -> Call[bytes]:
    """Read the salt of a day, which is this one if there is none yet."""
    # Named as a key of the tracker's own site: no site's own name can be like it.
    return Call(_SALT, (key_of("", f"salt:{day}"),), (proposed,), lambda reply: [reply])


def site_key(site: str) -> str:
    """Name the string that holds all views of a site: the tag of its other keys.

    In a Redis Cluster, all keys with one tag are in one place.
    """
    return f"page_views:{site}" if site else "page_views"


def key_of(site: str, what: str) -> str:
    """Name another key of a site."""
    return f"{{{site_key(site)}}}:{what}"


def number(reply: bytes) -> list[int]:
    """Read a reply that is a number."""
    return [int(reply)]


KNOWN_SITES = key_of("", "sites")
"""The key that holds the names of the known sites; no site's own name is like it."""
