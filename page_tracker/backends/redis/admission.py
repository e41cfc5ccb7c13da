"""Admission of sites: which are known, and whether the limit allows another one."""

from time import monotonic

from page_tracker.backends.protocol import BackendError, LimitReachedError
from page_tracker.backends.redis.keys import KNOWN_SITES
from page_tracker.backends.redis.request_queues import STEPS_PER_DEADLINE, RequestQueues
from page_tracker.backends.redis.script_calls import Argument, Call, Script

_ADMIT = Script("admit.lua")

NO_LIMIT = 2**31
"""Admits also a site beyond the limit, because it has counts already."""

# After this time Redis is asked again, because the site may have been deleted.
_KNOWN_S = 60.0


def admission(limit: int, *sites: str) -> Call[bool]:
    """Return the call that admits all of these sites, which must be different.

    Its result is False if that would exceed the limit.
    """
    arguments: tuple[Argument, ...] = limit, *sites
    return Call(_ADMIT, (KNOWN_SITES,), arguments, lambda reply: [bool(int(reply))])


def admit(queues: RequestQueues, limit: int, *sites: str) -> None:
    """Add sites to the known sites: all of them, or none.

    Raises BackendError and its subclass LimitReachedError.
    """
    others = [site for site in dict.fromkeys(sites) if site]
    if others and not queues.call(admission(limit, *others)):
        raise LimitReachedError.of_sites(limit)


class KnownSites:
    """A cache of the known sites, so that most views need no extra request.

    An entry is valid for a minute.
    """

    def __init__(self, queues: RequestQueues, limit: int, deadline_s: float) -> None:
        self._queues = queues
        self._limit = limit
        self._deadline_s = deadline_s
        self._known_until: dict[str, float] = {}

    def admit(self, site: str, until: float) -> None:
        """Add a site to the known sites, before a view of it is counted.

        Waits at most until this time, by time.monotonic(). Raises BackendError and its
        subclass LimitReachedError.
        """
        now, known_until = monotonic(), self._known_until.get(site)
        if not site or known_until is not None and now < known_until:
            return
        if known_until is not None:
            # If Redis does not answer, the site stays known, and no view waits long.
            until = now + self._deadline_s / STEPS_PER_DEADLINE
        call = admission(self._limit, site)
        try:
            admitted = self._queues.of(call.keys[0]).call(call, until=until)
        except BackendError:
            if known_until is None:
                raise
            admitted = True
        if not admitted:
            self._known_until.pop(site, None)
            raise LimitReachedError.of_sites(self._limit)
        self._known_until[site] = now + _KNOWN_S

    def forget(self, site: str) -> None:
        """Remove a site from the cache, so that its next view asks Redis again."""
        self._known_until.pop(site, None)
