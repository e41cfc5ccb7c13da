"""Paths as people write them, unless that could deceive."""

import re

_ESCAPES = re.compile("(?:%[89A-F][0-9A-F])+")


def readable_path(path: str) -> str:
    """Return a stored path as people write it: /café for /caf%C3%A9.

    Characters stay escaped if they are in ASCII, invisible or no valid UTF-8, so that
    the result denotes the same path.
    """
    return _ESCAPES.sub(_decoded, path)


def _decoded(escapes: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    # Spaces of all kinds, and letters that change the direction, are not printable.
    return text if text.isprintable() else escapes[0]
