"""Pseudonyms: they distinguish visitors for one day without identifying them."""

import secrets
from hashlib import blake2b

_PSEUDONYM_BYTES = 8
_SALT_BYTES = 16


def new_salt() -> bytes:
    """Return a new random salt, which is the secret of one day."""
    return secrets.token_bytes(_SALT_BYTES)


def pseudonym(visitor: str, site: str, salt: bytes) -> bytes:
    """Return a pseudonym of a visitor that is valid for one site and one salt.

    It is a BLAKE2 hash with the salt as its key (RFC 7693). Without the salt, nobody
    can find the visitor by hashing every possible address.
    """
    text = f"{site}\n{visitor}".encode(errors="replace")
    return blake2b(text, digest_size=_PSEUDONYM_BYTES, key=salt).digest()
