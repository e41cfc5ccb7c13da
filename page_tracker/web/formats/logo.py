"""The logo of a badge: a small image in a data URI."""

import re
from base64 import b64decode
from collections.abc import Callable

# The server accepts request lines of 4094 bytes.
_MAX_CHARACTERS = 3072

# How each type begins: PNG (W3C), GIF89a (W3C), and WebP (RFC 9649).
_BEGINS: dict[str, Callable[[bytes], bool]] = {
    "png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "gif": lambda data: data.startswith((b"GIF87a", b"GIF89a")),
    "webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
    # Browsers run no scripts of an image in an image, and load nothing for it.
    "svg+xml": lambda data: re.match(rb"(\xef\xbb\xbf)?\s*<(svg|\?xml|!--)", data)
    is not None,
}
_ALLOWED = (
    f"allowed: data:image/png;base64,… of at most {_MAX_CHARACTERS} characters, or "
    "gif, webp or svg+xml"
)


def parse_logo(text: str) -> str:
    """Return the data URI. Raises ValueError if it is not one of an image."""
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"the text has {len(text)} characters; {_ALLOWED}")
    # In a query, an unescaped plus sign stands for a space.
    found = re.fullmatch(
        "data:image/([a-z+]+);base64,([A-Za-z0-9+/]+={0,2})", text.replace(" ", "+")
    )
    if found is None or found[1] not in _BEGINS:
        raise ValueError(f"the text is not the data URI of an image; {_ALLOWED}")
    try:
        data = b64decode(found[2], validate=True)
    except ValueError:
        raise ValueError(f"the text is not valid base64; {_ALLOWED}") from None
    if not _BEGINS[found[1]](data):
        raise ValueError(f"the data is not {found[1]}; {_ALLOWED}")
    return found[0]
