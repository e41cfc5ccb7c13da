"""The URLs of backends: the scheme of a URL decides which backend it names.

A URL is checked here so that a mistake is reported at the start. Error texts quote
nothing of a URL that may be a password.
"""

import re

from page_tracker.backends.redis import url as redis_url
from page_tracker.backends.sqlite import url as sqlite_url

_MEMORY = "memory"
MEMORY_URL = f"{_MEMORY}://"

_SCHEMES = redis_url.SCHEMES | {sqlite_url.SCHEME, _MEMORY}
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
    if scheme not in _SCHEMES and scheme.lower() in _SCHEMES:
        raise ValueError(
            f"the scheme {scheme} is not in lower case; allowed: {scheme.lower()}"
        )
    if is_sqlite(url):
        sqlite_url.path_of(url)
    elif scheme == _MEMORY:
        if url != MEMORY_URL:
            raise ValueError(f"counts in memory have one URL; allowed: {MEMORY_URL}")
    elif "://" not in url:
        raise ValueError(f"this is not a URL; allowed: {_ALLOWED}")
    elif scheme in redis_url.SCHEMES:
        redis_url.check_redis_url(url)
    else:
        raise ValueError(f"the scheme {scheme}:// is unknown; allowed: {_ALLOWED}")
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
