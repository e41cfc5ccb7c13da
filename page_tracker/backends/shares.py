"""Links by which the owner shows a site to others, as every backend keeps them."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Share:
    """A link that shows one site to whoever has its secret."""

    id: str
    """The name of the link among all links. It is no secret."""

    site: str

    digest: str
    """The SHA-256 of the secret, in hexadecimal digits. The secret is not kept."""

    created: date

    label: str = ""
    """What the owner wrote to know the link by, in one line."""


class Shares(Protocol):
    """The links of all sites. A site that is deleted or merged loses its links."""

    def add(self, share: Share) -> bool:
        """Add a link. Return whether its site is known, and so has it now.

        Raises BackendError.
        """

    def of(self, site: str) -> list[Share]:
        """Return the links of a site, the oldest first. Raises BackendError."""

    def all(self) -> list[Share]:
        """Return the links of all sites, by site. Raises BackendError."""

    def remove(self, share: Share) -> None:
        """Remove a link. Does nothing if it has been removed. Raises BackendError."""


def digest_of(secret: bytes) -> str:
    """Return what is kept of the secret of a link."""
    # A fast hash is enough, because a secret has too many bits to be guessed.
    return sha256(secret).hexdigest()


def in_order(shares: list[Share]) -> list[Share]:
    """Return links by site, those of a site by their age."""
    return sorted(shares, key=lambda share: (share.site, share.created, share.id))
