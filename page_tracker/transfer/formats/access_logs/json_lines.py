"""Read the lines of logs in which each line is a JSON object."""

import json
from typing import Any


def parse_object(line: str) -> dict[str, Any] | None:
    """Return the JSON object in a line, or None if it has none."""
    if not line.startswith("{"):
        return None
    try:
        parsed = json.loads(line)
    # The Python parser stops with RecursionError at very deep structures.
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def text_of(value: object) -> str:
    """Return a text or a whole number as a text; any other value as an empty text."""
    return str(value) if isinstance(value, str | int) else ""
