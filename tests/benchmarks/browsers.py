"""The headers of requests: those of browsers, or only the one that HTTP requires."""

import json
import re
from functools import cache
from pathlib import Path
from typing import TypedDict

FILE = Path(__file__).with_suffix(".json")
"""What each browser sends when track.js counts a view. recording.py has written it."""


class Recorded(TypedDict):
    """The name and version of a browser, and the headers of its request."""

    browser: str
    headers: list[str]


VISITOR = "{visitor}"
"""The placeholder for the number of a visitor in a header."""

VISITORS = 1000
"""How many visitors there are. They take turns, and so do their browsers."""

# These digits name the release, and replacing them keeps the length realistic.
_RELEASE = re.compile(r"(Firefox/\d+\.|Chrome/\d+\.0\.)0")


def heads(host: str, *, bare: bool) -> tuple[str, ...]:
    """Return the headers of each kind of client, with placeholders for the visitor.

    Each text ends with the end of its last header. Visitors differ in the User-Agent.
    The only header of a bare request is Host, so all bare requests are of one visitor.
    """
    host_line = f"Host: {host}\r\n"
    return (host_line,) if bare else tuple(host_line + each for each in _browsers())


@cache
def recorded() -> list[Recorded]:
    """Return what was recorded of each browser."""
    browsers: list[Recorded] = json.loads(FILE.read_text("utf-8"))
    return browsers


@cache
def _browsers() -> tuple[str, ...]:
    return tuple(
        "".join(f"{_of_visitor(header)}\r\n" for header in browser["headers"])
        for browser in recorded()
    )


def _of_visitor(header: str) -> str:
    if not header.startswith("User-Agent:"):
        return header
    return _RELEASE.sub(rf"\g<1>{VISITOR}", header)
