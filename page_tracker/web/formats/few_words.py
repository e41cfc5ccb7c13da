"""The reason of an error, short enough for a badge."""

_MAX_CHARACTERS = 80


def in_few_words(reason: str) -> str:
    """Return what is wrong, without what is allowed, and cut if it is long."""
    wrong = reason.partition("; ")[0]
    if len(wrong) <= _MAX_CHARACTERS:
        return wrong
    return f"{wrong[: _MAX_CHARACTERS - 1]}…"
