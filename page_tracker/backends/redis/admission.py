"""Which sites are known, and whether there may be another one."""

from time import monotonic

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis.keys import KNOWN_SITES
from page_tracker.backends.redis.request_queues import STEPS_PER_DEADLINE, RequestQueues
from page_tracker.backends.redis.script_calls import Call, Script

_ADMIT = Script("admit.lua")

# Then Redis is asked again whether a site is known: it may have been deleted.
_KNOWN_S = 60.0


def _call(site: str, most: int) -> Call[bool]:
    """Make a site known, unless so many are."""
    return Call(_ADMIT, (KNOWN_SITES,), (site, most), lambda reply: [bool(int(reply))])


def admit(queues: RequestQueues, site: str, most: int) -> None:
    """Add a site to those that are known.

    Raises BackendError, also LimitReachedError.
    """
    if site and not queues.ask(_call(site, most)):
        raise LimitReachedError.of_sites(most)


class KnownSites:
    """Remembers for a minute which sites are known, so that few requests must ask."""

    def __init__(self, queues: RequestQueues, most: int, deadline_s: float) -> None:
        self._queues = queues
        self._most = most
        self._deadline_s = deadline_s
        self._known_until: dict[str, float] = {}

    def admit(self, site: str, until: float) -> None:
        """Add a site to those that are known, before a view of it is counted.

        Raises BackendError, also LimitReachedError.
        """
        now, known_until = monotonic(), self._known_until.get(site)
        if not site or known_until is not None and now < known_until:
            return
        if known_until is not None:
            # The site stays known while Redis does not answer, and no view waits long.
            until = now + self._deadline_s / STEPS_PER_DEADLINE
        call = _call(site, self._most)
        try:
            admitted = self._queues.of(call.keys[0]).ask(call, until=until)
        except BackendError:
            if known_until is None:
                raise
            admitted = True
        if not admitted:
            self._known_until.pop(site, None)
            raise LimitReachedError.of_sites(self._most)
        self._known_until[site] = now + _KNOWN_S

    def forget(self, site: str) -> None:
        """Ask Redis again about a site before its next view."""
        self._known_until.pop(site, None)
