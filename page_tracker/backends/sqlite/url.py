"""The URL of a SQLite file.

sqlite:///folder/counts.db is an absolute path. sqlite:counts.db is a path that is
relative to the current folder (RFC 3986, path-rootless).
"""

import re
from pathlib import Path
from urllib.parse import quote, unquote

from page_tracker.backends.sqlite.files import BESIDE

SCHEME = "sqlite"

ALLOWED = "sqlite:///absolute/path/counts.db, sqlite:relative/path/counts.db"


def path_of(url: str) -> Path:
    """Return the absolute path of the file that a URL names.

    Raises ValueError, which says what is wrong and what is allowed.
    """
    rest = url[len(SCHEME) + 1 :]
    if "?" in rest or "#" in rest:
        raise ValueError(
            f"a SQLite URL has no options; allowed: {ALLOWED}; in a path, write ? as "
            "%3F and # as %23"
        )
    if re.search("%(?![0-9a-fA-F]{2})", rest):
        raise ValueError(
            "the path contains a % without two hexadecimal digits; allowed: %25 for a %"
        )
    if rest.startswith("//"):
        rest = rest[2:]
        if not rest.startswith("/"):
            raise ValueError(
                f"the path after sqlite:// does not begin with /; allowed: {ALLOWED}"
            )
    path = unquote(rest)
    if path.startswith("/"):
        # Other programs require a fourth slash before an absolute path.
        path = f"/{path.lstrip('/')}"
    if path.rpartition("/")[2] in ("", ".", ".."):
        raise ValueError(f"the URL names no file; allowed: {ALLOWED}")
    if "\0" in path:
        raise ValueError("the path contains a zero byte")
    # The files beside it lie where the file itself is.
    file = Path(path).resolve()
    for ending in BESIDE:
        if file.name.endswith(ending):
            raise ValueError(
                f"the name ends with {ending}, as that of a file beside the counts; "
                "allowed: another name"
            )
    return file


def url_of(path: Path) -> str:
    """Return the URL of a file."""
    return f"{SCHEME}://{quote(str(path.absolute()))}"
