"""Import of counts: each site is staged, and then all are changed in one last step.

In a cluster, one step cannot change several servers, so there each site has a step of
its own. On one server, sites with many days are changed in several steps, so that views
do not wait long. If an import fails between these steps, the same import again adds the
sites that are missing. Referrers follow at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, takewhile

from page_tracker.backends.protocol import (
    BackendError,
    ImportEndedError,
    LimitReachedError,
)
from page_tracker.backends.redis.admission import admit
from page_tracker.backends.redis.importing_referrers import import_referrers
from page_tracker.backends.redis.keys import key_of
from page_tracker.backends.redis.reading import imports, known_sites
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.backends.redis.staging import (
    PAGES_PER_STEP,
    Run,
    StagedSite,
)
from page_tracker.counting.model import FRONT_PAGE, Limits, SiteImport

_COUNT_NEW, _SWITCH = Script("count_new.lua"), Script("switch.lua")

# Redis answers nothing else during the last step. Each day of a site takes 20 µs of it.
_DAYS_PER_SWITCH = 1000


def import_counts(
    run: Run, sites: Mapping[str, SiteImport], limits: Limits
) -> set[str]:
    """Import the counts of sites, and return the names of those that have changed.

    Raises BackendError and its subclass LimitReachedError.
    """
    queues = run.queues
    wanted = {
        name: added
        for name, added in sites.items()
        if run.replaces or added.name not in imports(queues, name)
    }
    _check_limits(queues, wanted, limits)
    staged = [StagedSite(run, name, added) for name, added in sorted(wanted.items())]
    try:
        for site in staged:
            site.stage()
        for site in staged:
            admit(queues, limits.sites, site.site)
        for step in _steps(staged, queues.are_partitioned):
            _switch(run, step)
    except BaseException:
        with suppress(BackendError):
            for site in staged:
                site.drop()
        raise
    return set(wanted) | import_referrers(run, sites, limits)


def _steps(
    staged: Sequence[StagedSite], are_partitioned: bool
) -> Iterator[list[StagedSite]]:
    """Yield the sites that change together."""
    step, size = list[StagedSite](), 0
    for site in staged:
        days = len(site.days)
        if step and (are_partitioned or size + days > _DAYS_PER_SWITCH):
            yield step
            step, size = [], 0
        step.append(site)
        size += days
    if step:
        yield step


def _switch(run: Run, sites: Sequence[StagedSite]) -> None:
    keys = [key for site in sites for key in site.keys_to_switch()]
    arguments: list[Argument] = [run.id, int(run.replaces)]
    for site in sites:
        arguments += site.arguments_to_switch()
    call = Call(
        _SWITCH,
        tuple(keys),
        tuple(arguments),
        lambda reply: [reply.decode().split()],
    )
    for site, word in zip(sites, run.queues.call(call), strict=True):
        if word == "ended":
            raise ImportEndedError(site.site)
        if word != "added":
            raise BackendError(
                f"the counts of {site.site or 'the front page'} were changed by an "
                "older version of the tracker, or by another program, while they were "
                "imported, and nothing was imported into it; run the import again"
            )


def _check_limits(
    queues: RequestQueues, sites: Mapping[str, SiteImport], limits: Limits
) -> None:
    known = set(known_sites(queues))
    new = sites.keys() - known - {FRONT_PAGE.site}
    if new and len(known | new) > limits.sites:
        raise LimitReachedError.of_sites(limits.sites)
    for site, added in sites.items():
        if not _has_room(queues, site, added, limits.pages_per_site):
            raise LimitReachedError.of_pages(site, limits.pages_per_site)


def _has_room(queues: RequestQueues, site: str, added: SiteImport, limit: int) -> bool:
    """Return whether a site can have the pages of an import."""
    stored, _ = _count_new(queues, site, ())
    if stored + added.pages <= limit:
        return True
    totals = takewhile(lambda each: each.day is None, added.counts)
    new = 0
    while paths := [each.page.path for each in islice(totals, PAGES_PER_STEP)]:
        stored, new_paths = _count_new(queues, site, paths)
        new += new_paths
        if new and stored + new > limit:
            return False
    return True


def _count_new(
    queues: RequestQueues, site: str, paths: Sequence[str]
) -> tuple[int, int]:
    """Return the number of pages of a site, and how many of the paths are new."""

    def parse(reply: bytes) -> list[tuple[int, int]]:
        stored, new = map(int, reply.split())
        return [(stored, new)]

    keys = (key_of(site, "pages"),)
    found: tuple[int, int] = queues.call(Call(_COUNT_NEW, keys, tuple(paths), parse))
    return found
