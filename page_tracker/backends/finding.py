"""What an examination of the place where counts live has found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and how it is. Its texts hold no secrets."""

    check: str
    """What was looked at, in a word or two."""

    level: Level
    """ok; warning: counts may be lost or hard to read; error: no views are counted."""

    text: str
    """How it is."""

    advice: str = ""
    """What to change; empty if nothing has to be."""
