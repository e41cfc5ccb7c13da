"""The links to sites, in Redis: a hash for each site, with a link in each field."""

import json
from datetime import date

from page_tracker.backends.redis.keys import key_of, site_key
from page_tracker.backends.redis.reading import known_sites
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script, parse_integer
from page_tracker.backends.shares import Share, in_order
from page_tracker.counting.model import FRONT_PAGE

_ADD, _SHARES = Script("add_share.lua"), Script("shares.lua")
_REMOVE = Script("remove_share.lua")


class RedisShares:
    """The links of the sites in Redis."""

    def __init__(self, queues: RequestQueues) -> None:
        """Read and change the links in these queues."""
        self._queues = queues

    def add(self, share: Share) -> bool:
        """Add a link, if its site is known. Raises BackendError."""
        stored = share.digest, share.created.isoformat(), share.label
        keys = key_of(share.site, "shares"), site_key(share.site)
        arguments = share.id, json.dumps(stored)
        return bool(self._queues.call(Call(_ADD, keys, arguments, parse_integer)))

    def of(self, site: str) -> list[Share]:
        """Return the links of a site. Raises BackendError."""
        found: list[Share] = self._queues.call(_shares(site))
        return found

    def all(self) -> list[Share]:
        """Return the links of all sites. Raises BackendError."""
        sites = [FRONT_PAGE.site, *known_sites(self._queues)]
        found = self._queues.call_all([_shares(site) for site in sites])
        return in_order([share for shares in found for share in shares])

    def remove(self, share: Share) -> None:
        """Remove a link. Raises BackendError."""
        keys = (key_of(share.site, "shares"),)
        self._queues.call(Call(_REMOVE, keys, (share.id,), parse_integer))


def _shares(site: str) -> Call[list[Share]]:
    def parse(reply: list[bytes]) -> list[list[Share]]:
        stored = zip(reply[::2], map(json.loads, reply[1::2]), strict=True)
        shares = [
            Share(name.decode(), site, digest, date.fromisoformat(created), label)
            for name, (digest, created, label) in stored
        ]
        return [in_order(shares)]

    return Call(_SHARES, (key_of(site, "shares"),), (), parse)
