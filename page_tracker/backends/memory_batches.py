"""Whether the limits allow a batch of views in memory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from page_tracker.backends.memory_sites import Site
from page_tracker.backends.protocol import LimitReachedError
from page_tracker.counting.model import FRONT_PAGE, Limits, View


def check_room(
    sites: Mapping[str, Site], views: Iterable[View], limits: Limits
) -> None:
    """Raise LimitReachedError unless the limits allow the pages of all views."""
    paths: defaultdict[str, set[str]] = defaultdict(set)
    for view in views:
        paths[view.page.site].add(view.page.path)
    new_sites = paths.keys() - sites.keys() - {FRONT_PAGE.site}
    if new_sites and len(sites.keys() - {FRONT_PAGE.site} | new_sites) > limits.sites:
        raise LimitReachedError.of_sites(limits.sites)
    for name, viewed in paths.items():
        known = sites.get(name, Site()).pages.keys()
        if viewed - known and len(known | viewed) > limits.pages_per_site:
            raise LimitReachedError.of_pages(name, limits.pages_per_site)
