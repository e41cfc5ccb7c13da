"""The rules of the services: whose pages are counted, who is, and what a day is."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of the tracker has decided."""

    sites: frozenset[str] = frozenset()
    """The sites that are counted, "*.example.com" for all below it; empty: any."""

    ignored_networks: tuple[Network, ...] = ()
    """Views from here are ignored."""

    trusted_proxies: int = 0
    """How many proxies there are in front, each of which adds to X-Forwarded-For."""

    timezone: tzinfo = UTC
    """Where a day begins at midnight."""

    base_path: str = ""
    """What comes before the path when the tracker is not at the root of its host."""

    read_cache_s: int = 0
    """For how many seconds numbers may be cached that are shown and not counted."""

    token: str | None = field(default=None, repr=False)
    """What opens the dashboard, and all that is for the owner; None: nothing does."""

    def today(self) -> date:
        """Return the day that it is."""
        return datetime.now(self.timezone).date()

    def counts(self, site: str) -> bool:
        """Tell whether the views of a site are counted."""
        if not self.sites or site in self.sites:
            return True
        _, *above = site.split(".")
        return any(
            f"*.{'.'.join(above[place:])}" in self.sites for place in range(len(above))
        )

    def ignores(self, address: str) -> bool:
        """Tell whether views from an address are ignored."""
        if not self.ignored_networks:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.ignored_networks)
