"""How visitors are told apart for a day without being known."""

import secrets
from hashlib import blake2b

_PSEUDONYM_BYTES = 8
_SALT_BYTES = 16


def new_salt() -> bytes:
    """Make a secret for one day."""
    return secrets.token_bytes(_SALT_BYTES)


def pseudonym(visitor: str, site: str, salt: bytes) -> bytes:
    """Name a visitor of a site so that it means nothing elsewhere or on another day.

    A hash with the salt as its key (BLAKE2, RFC 7693): without that, nobody can try
    out whom it names.
    """
    text = f"{site}\n{visitor}".encode(errors="replace")
    return blake2b(text, digest_size=_PSEUDONYM_BYTES, key=salt).digest()
