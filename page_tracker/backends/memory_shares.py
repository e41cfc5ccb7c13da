"""The links to sites, in the memory of one process."""

import threading
from collections.abc import Container

from page_tracker.backends.shares import Share, in_order


class MemoryShares:
    """The links of the sites of a backend in memory."""

    def __init__(self, sites: Container[str]) -> None:
        """Keep links of these sites, which may change."""
        self._sites = sites
        self._lock = threading.Lock()
        self._shares: dict[str, Share] = {}

    def add(self, share: Share) -> bool:
        """Add a link, if its site is known."""
        with self._lock:
            if share.site in self._sites:
                self._shares[share.id] = share
            return share.site in self._sites

    def of(self, site: str) -> list[Share]:
        """Return the links of a site."""
        return [share for share in self.all() if share.site == site]

    def all(self) -> list[Share]:
        """Return the links of all sites."""
        with self._lock:
            return in_order(list(self._shares.values()))

    def remove(self, share: Share) -> None:
        """Remove a link."""
        with self._lock:
            self._shares.pop(share.id, None)

    def end(self, site: str) -> None:
        """Remove the links of a site that is no longer known."""
        for share in self.of(site):
            self.remove(share)
