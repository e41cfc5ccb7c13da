"""The owner's rules for counting and showing views."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from ipaddress import IPv4Network, IPv6Network, ip_address

from page_tracker.counting.naming import Naming

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Rules:
    """The decisions of the owner of the tracker."""

    sites: frozenset[str] = frozenset()
    """The sites to count; "*.example.com" means all subdomains. If empty, all sites."""

    naming: Naming = Naming()
    """Which addresses are the same page, or the same site."""

    referrers: bool = True
    """Whether views are counted by the sites that they came from."""

    ignored_networks: tuple[Network, ...] = ()
    """The networks whose views are ignored."""

    trusted_proxies: int = 0
    """The number of proxies in front that each add an address to X-Forwarded-For."""

    timezone: tzinfo = UTC
    """The time zone that determines when a day begins."""

    public_url: str = ""
    """The URL of the host at which visitors reach the tracker; empty if unknown."""

    base_path: str = ""
    """The prefix of all paths, such as /counter; empty at the root of the host."""

    read_cache_s: int = 0
    """The number of seconds for which clients may cache counts that they only read."""

    public: frozenset[str] = frozenset()
    """The sites whose numbers anybody may read; "" is the tracker's own site."""

    frames: tuple[str, ...] = ()
    """The origins whose pages may frame a site that is shown to others; "*" for any."""

    token: str | None = field(default=None, repr=False)
    """The secret token that gives the owner access; None if nobody has access."""

    def today(self) -> date:
        """Return the current day in the time zone of the owner."""
        return datetime.now(self.timezone).date()

    def counts(self, site: str) -> bool:
        """Return whether views of a site are counted."""
        if not self.sites or site in self.sites:
            return True
        _, *parents = site.split(".")
        return any(
            f"*.{'.'.join(parents[index:])}" in self.sites
            for index in range(len(parents))
        )

    def ignores(self, address: str) -> bool:
        """Return whether views from an IP address are ignored."""
        if not self.ignored_networks:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.ignored_networks)
