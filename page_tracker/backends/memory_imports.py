"""Imports into the memory of one process, while views are counted."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile

from page_tracker.backends import referrer_parts
from page_tracker.backends.memory_sites import (
    Site,
    add_counts,
    add_facts,
    add_referrers,
    copy_day,
    parts,
    remove_replaced,
    start_copy,
)
from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.counting.model import FRONT_PAGE, Limits, SiteImport


class MemoryImports:
    """The imports that are running."""

    def __init__(
        self, sites: dict[str, Site], lock: threading.Lock, limits: Limits
    ) -> None:
        """Import into these sites, which change only with this lock."""
        self._sites = sites
        self._lock = lock
        self._limits = limits
        # Sites that are being imported. They get each view as well, until they replace
        # the known ones.
        self._incoming: dict[str, Site] = {}

    def versions(self, name: str) -> list[Site]:
        """Return a known site, and the one that is being imported."""
        return [sites[name] for sites in (self._sites, self._incoming) if name in sites]

    def end(self, sites: Iterable[str]) -> None:
        """End the imports into these sites."""
        for site in sites:
            self._incoming.pop(site, None)

    def run(self, sites: Mapping[str, SiteImport], *, replace: bool) -> set[str]:
        """Import counts, and return the sites that have changed. Raises BackendError.

        A later import of one of the sites, or a change to it by the owner, ends an
        import with BackendError.
        """
        with self._lock:
            changed = {
                name: added
                for name, added in sites.items()
                if replace or added.name not in self._sites.get(name, Site()).imports
            }
            self._check_number_of_sites(changed)
            incoming = {
                name: start_copy(self._sites.get(name, Site())) for name in changed
            }
            self._incoming |= incoming
        try:
            for name, added in changed.items():
                self._build(name, incoming[name], added, replace)
            with self._lock:
                self._check_number_of_sites(changed)
                for name, added in changed.items():
                    self._check_incoming(name, incoming[name])
                    add_facts(incoming[name], added, replace)
                # All sites change here, so an import that fails changes nothing.
                self._sites.update(incoming)
                # At once: a view is counted in the known and in the incoming site, and
                # now both are the same.
                for name in changed:
                    del self._incoming[name]
        finally:
            with self._lock:
                for name, site in incoming.items():
                    if self._incoming.get(name) is site:
                        del self._incoming[name]
        return set(changed)

    def _build(
        self, name: str, incoming: Site, added: SiteImport, replace: bool
    ) -> None:
        """Copy a site, and add counts to it, in steps between which views go on."""
        with self._lock:
            site = self._sites.get(name, Site())
            incoming.pages = Counter(site.pages)
        for day in list(site.days):
            with self._lock:
                if day in site.days:
                    incoming.days[day] = copy_day(site.days[day])
        if replace:
            totals = takewhile(lambda count: count.day is None, added.counts)
            for counts in parts(totals):
                with self._lock:
                    remove_replaced(incoming, counts, added.daily)
        for counts in parts(added.counts):
            with self._lock:
                add_counts(incoming, counts)
                self._check_incoming(name, incoming)
        for referrers in referrer_parts.parts(added, replace=replace):
            with self._lock:
                most = self._limits.referrers_per_site
                add_referrers(incoming, referrers, most, replace)

    def _check_incoming(self, name: str, site: Site) -> None:
        if self._incoming.get(name) is not site:
            raise BackendError(
                "this import was ended by another import or a change of these sites; "
                "nothing was imported; run it again"
            )
        if len(site.pages) > max(
            self._limits.pages_per_site, len(self._sites.get(name, Site()).pages)
        ):
            raise LimitReachedError.of_pages(name, self._limits.pages_per_site)

    def _check_number_of_sites(self, changed: Iterable[str]) -> None:
        named = (self._sites.keys() | changed) - {FRONT_PAGE.site}
        if named - self._sites.keys() and len(named) > self._limits.sites:
            raise LimitReachedError.of_sites(self._limits.sites)
