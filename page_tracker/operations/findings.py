"""What doctor finds out about the settings and the backend."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. Its texts contain no secrets."""

    check: str
    """What was checked, in a word or two."""

    level: Level
    """ok; warning: a risk, such as lost counts; error: views cannot be counted."""

    text: str
    """What was found."""

    advice: str = ""
    """What to change; empty if nothing."""
