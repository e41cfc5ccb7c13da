"""How what was given is quoted to who has given it."""

_MOST_CHARACTERS = 40


def quoted(text: str) -> str:
    """Quote a text in an error, in brief."""
    if len(text) <= _MOST_CHARACTERS:
        return repr(text)
    return f"{text[:_MOST_CHARACTERS]!r}…"
