"""The URLs of backends: the scheme of a URL decides which backend it names.

A URL is checked here so that a mistake is reported at the start. Error texts quote
nothing of a URL that may be a password.
"""

import re

from page_tracker.backends.redis import url as redis_url
from page_tracker.backends.sqlite import url as sqlite_url

MEMORY_URL = "memory://"

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ALLOWED = f"{sqlite_url.ALLOWED}, {redis_url.ALLOWED}, {MEMORY_URL}"


def check_url(url: str) -> str:
    """Return the URL if it is valid.

    Raises ValueError, which says what is wrong and what is allowed.
    """
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError(
            "the URL contains a space or a control character; percent-encode it"
        )
    match = _SCHEME.match(url)
    scheme = match[1] if match else ""
    if is_sqlite(url):
        sqlite_url.path_of(url)
    elif "://" not in url:
        raise ValueError(f"this is not a URL; allowed: {_ALLOWED}")
    elif scheme in redis_url.SCHEMES:
        redis_url.check_redis_url(url)
    elif scheme != "memory":
        raise ValueError(f"the scheme {scheme}:// is unknown; allowed: {_ALLOWED}")
    elif url != MEMORY_URL:
        raise ValueError(
            f"the URL has text after {MEMORY_URL}; allowed: {MEMORY_URL} alone"
        )
    return url


def is_sqlite(url: str) -> bool:
    """Return whether a URL names a SQLite file."""
    return url.startswith(f"{sqlite_url.SCHEME}:")


def describe_storage(url: str) -> str:
    """Return a name for the storage at a checked URL, without user and password."""
    if url == MEMORY_URL:
        return "memory"
    if is_sqlite(url):
        return f"SQLite at {sqlite_url.path_of(url)}"
    return redis_url.describe_servers(url)
