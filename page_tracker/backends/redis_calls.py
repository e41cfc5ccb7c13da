"""What is asked of Redis: calls of scripts, each of which may be sent again."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha1
from importlib.resources import files
from typing import Generic, TypeVar

from page_tracker.model import Page, Tally, View
from page_tracker.pseudonyms import pseudonym

A = TypeVar("A")

Argument = str | bytes | int


class Script:
    """A Lua script of this package, and the hash by which Redis knows it."""

    def __init__(self, name: str) -> None:
        self.source = files(__package__).joinpath(name).read_bytes()
        # Redis wants this hash, and it is no secret.
        self.sha = sha1(self.source, usedforsecurity=False).hexdigest()


_RECORD, _TALLY, _SALT = Script("record.lua"), Script("tally.lua"), Script("salt.lua")


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """One call of a script, and how to read the reply."""

    script: Script
    keys: tuple[str, ...]
    arguments: tuple[Argument, ...]
    read: Callable[[bytes], list[A]]
    """Returns an answer for each who waits. Raises ValueError if that is not in it."""

    def by_hash(self) -> tuple[Argument, ...]:
        """Return the command for when Redis has the script."""
        return "EVALSHA", self.script.sha, len(self.keys), *self.keys, *self.arguments

    def by_source(self) -> tuple[Argument, ...]:
        """Return the command that makes Redis have it, too."""
        return "EVAL", self.script.source, len(self.keys), *self.keys, *self.arguments


def tally(page: Page, day: date) -> Call[Tally]:
    """Read the tally of a page."""

    def read(reply: bytes) -> list[Tally]:
        site_views, visitors, page_views = map(int, reply.split())
        return [Tally(page_views, site_views, visitors)]

    name = site_key(page.site)
    keys = name, f"{{{name}}}:pages", f"{{{name}}}:visitors:{day}"
    return Call(_TALLY, keys, (page.path,), read)


def salt(day: date, proposed: bytes) -> Call[bytes]:
    """Read the salt of a day, which is this one if there is none yet."""
    # Named as a key of the tracker's own site: no site's own name can be like it.
    key = f"{{{site_key('')}}}:salt:{day}"
    return Call(_SALT, (key,), (proposed,), lambda reply: [reply])


def record(
    writer: str, number: int, views: Sequence[View], salt_of_day: bytes | None
) -> Call[Tally]:
    """Count a batch of views of one site and day, and read the tally after each.

    The writer's numbers for a site and day must rise. Without the salt, no visitors
    are counted.
    """
    page, day = views[0].page, views[0].day
    paths = Counter(view.page.path for view in views)
    visitors: set[bytes] = set()
    if salt_of_day is not None:
        names = {view.visitor for view in views if view.visitor is not None}
        visitors = {pseudonym(name, page.site, salt_of_day) for name in names}

    def read(reply: bytes) -> list[Tally]:
        answered, site_views, site_visitors, *page_views = map(int, reply.split())
        if answered != number:
            raise ValueError(f"batch {number} got the reply to batch {answered}")
        site_views -= len(views)
        seen = {p: after - paths[p] for p, after in zip(paths, page_views, strict=True)}
        tallies = []
        for view in views:
            site_views += 1
            seen[view.page.path] += 1
            tallies.append(Tally(seen[view.page.path], site_views, site_visitors))
        return tallies

    name = site_key(page.site)
    keys = (
        name,
        f"{{{name}}}:pages",
        f"{{{name}}}:day:{day}",
        f"{{{name}}}:visitors:{day}",
        f"{{{name}}}:writer:{writer}:{day}",
    )
    path_views = (argument for path in paths.items() for argument in path)
    arguments = number, len(views), len(paths), *path_views, *visitors
    return Call(_RECORD, keys, arguments, read)


def site_key(site: str) -> str:
    """Name the string that holds all views of a site: the tag of its other keys.

    In a Redis Cluster, all keys with one tag are in one place.
    """
    return f"page_views:{site}" if site else "page_views"
