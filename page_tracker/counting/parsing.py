"""Parse texts that people enter: numbers, days and choices.

An error quotes the wrong text, shortened if it is long, and says what is allowed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

_MAX_CHARACTERS = 40
_MAX_DIGITS = 16


def quoted(text: str) -> str:
    """Return the text in quotes for an error, shortened to 40 characters.

    A user before an "@" is left out, because a password may be there.
    """
    before, at, rest = text.rpartition("@")
    scheme, slashes, user = before.rpartition("//")
    # After a slash, it is part of a path.
    if at and (":" in user or "/" not in user):
        text = f"{scheme}{slashes}…@{rest}"
    if len(text) <= _MAX_CHARACTERS:
        return repr(text)
    return f"{text[:_MAX_CHARACTERS]!r}…"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question with the nearest name; empty if none is near."""
    found = get_close_matches(name, list(names), n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def parse_number(text: str, minimum: int, maximum: int) -> int:
    """Return a whole number from minimum to maximum. Raises ValueError."""
    # int() would also accept " 1_0 ".
    if (
        re.fullmatch(f"[0-9]{{1,{_MAX_DIGITS}}}", text)
        and minimum <= int(text) <= maximum
    ):
        return int(text)
    raise ValueError(
        f"{quoted(text)} is not allowed; "
        f"allowed: a whole number from {minimum} to {maximum}"
    )


def parse_choice(text: str, allowed: Sequence[str]) -> str:
    """Return the text if it is one of the allowed texts. Raises ValueError."""
    if text in allowed:
        return text
    raise ValueError(f"{quoted(text)} is not allowed; allowed: {', '.join(allowed)}")


# An imported file repeats the same few hundred days.
@lru_cache(maxsize=1024)
def parse_day(text: str) -> date:
    """Return the day that a text such as 2026-11-23 denotes. Raises ValueError."""
    try:
        # date.fromisoformat() would also accept a week such as 2026-W48-1.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{quoted(text)} is not a day; allowed: a date such as 2026-11-23")
