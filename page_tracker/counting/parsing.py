"""Texts that people give, checked: numbers, days and choices.

The errors quote what was given, in brief, and say what is allowed.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

_MOST_CHARACTERS = 40
_MOST_DIGITS = 16


def quoted(text: str) -> str:
    """Quote a text in an error, in brief."""
    if len(text) <= _MOST_CHARACTERS:
        return repr(text)
    return f"{text[:_MOST_CHARACTERS]!r}…"


def parse_number(text: str, least: int, most: int) -> int:
    """Return a whole number within these limits. Raises ValueError."""
    # Python's own int() would accept " 1_0 " for 10.
    if re.fullmatch(f"[0-9]{{1,{_MOST_DIGITS}}}", text) and least <= int(text) <= most:
        return int(text)
    raise ValueError(f"{quoted(text)}; allowed: a whole number from {least} to {most}")


def parse_choice(text: str, allowed: Sequence[str]) -> str:
    """Return the text if it is one of those allowed. Raises ValueError."""
    if text in allowed:
        return text
    raise ValueError(f"{quoted(text)}; allowed: {', '.join(allowed)}")


# A file has the same few hundred days again and again.
@lru_cache(maxsize=1024)
def parse_day(text: str) -> date:
    """Return the day of a date such as 2026-11-23. Raises ValueError."""
    try:
        # Python's own fromisoformat() would take weeks, too.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{quoted(text)} is no day; allowed: a date such as 2026-11-23")
