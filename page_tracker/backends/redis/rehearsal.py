"""A rehearsal of counting: it does what a view does, and leaves nothing behind."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from page_tracker.backends.redis.admission import admission
from page_tracker.backends.redis.connections import Client
from page_tracker.backends.redis.delivery import send
from page_tracker.backends.redis.keys import key_of, site_key
from page_tracker.backends.redis.recording import record
from page_tracker.backends.redis.script_calls import Call, Rehearsal
from page_tracker.counting.model import Ignored, Limits, Page, View

# No site has this name, because ! is in no name of a host.
_SITE = "readyz!{}"
_DAY = date(2000, 1, 1)
_SALT = sha256(b"readyz").digest()
# A server that has two thirds of the slots has all of these with a probability of 1 in
# 400 000.
_PROBED_KEYS = 32


class Counting:
    """Rehearses counting on each server that accepts writes."""

    def __init__(self, client: Client, limits: Limits) -> None:
        """Prepare to rehearse with the limits of the backend."""
        self._client = client
        self._limits = limits
        # Two processes that rehearse at the same time must not share a batch.
        self._writer = uuid4().hex

    def rehearse(self) -> list[dict[str, Any]]:
        """Rehearse a view, an ignored view and the admission of a site.

        Returns the infos of the servers. Raises one of ERRORS for the first failure.
        """
        infos = self._client.infos()
        sites = self._client.on_each_server(_SITE.format, site_key)
        calls = [call for site in sites for call in self._calls(site)]
        # With a limit of 0, this only reads the known sites, which all sites share.
        replies = send(self._client, [*calls, admission(0, sites[0])])
        if self._client.partitions == 1 and any(
            info.get("cluster_enabled") for info in infos
        ):
            keys = [site_key(_SITE.format(n)) for n in range(_PROBED_KEYS)]
            replies += self._client.execute([("EXISTS", key) for key in keys])
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return infos

    def _calls(self, site: str) -> list[Call[Any]]:
        page = Page(site, "/")
        views = [
            View(page, _DAY, "visitor", referrer=site),
            View(page, _DAY, ignored=Ignored.CRAWLER),
        ]
        calls: list[Call[Any]] = [
            record(self._writer, 1, views, _SALT, self._limits),
            admission(1, site)._replace(keys=(key_of(site, "sites"),)),
        ]
        return [call._replace(script=Rehearsal.of(call.script)) for call in calls]
