"""Counts that are stored under names which the owner's rules no longer give."""

from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.naming import Naming
from page_tracker.counting.page_names import PageNameError
from page_tracker.operations.terminal import readable


@dataclass(frozen=True, slots=True)
class OtherNames:
    """What is stored under other names."""

    sites: dict[str, str]
    """The sites to merge, each with the site that the rules name."""

    pages: dict[str, dict[str, str]]
    """The pages to merge once the sites are: for each site, old and new paths."""

    def moves(self) -> list[str]:
        """Return a line for each of them, with its old and its new name."""
        return [
            *(
                f"{readable(old)} into {readable(new)}"
                for old, new in sorted(self.sites.items())
            ),
            *(
                f"{readable(Page(site, old))} into {readable(Page(site, new))}"
                for site, pages in sorted(self.pages.items())
                for old, new in sorted(pages.items())
            ),
        ]


def find_other_names(
    backend: CounterBackend, naming: Naming, today: date
) -> OtherNames:
    """Find all that is stored under other names. Raises BackendError."""
    found = OtherNames({}, {})
    for total in backend.sites(today):
        if total.site == FRONT_PAGE.site:
            continue
        site = _site(total.site, naming)
        if site != total.site:
            found.sites[total.site] = site
        renamed = _renamed_pages(backend, total.site, naming, today)
        if renamed:
            found.pages.setdefault(site, {}).update(renamed)
    return found


def merge_other_names(backend: CounterBackend, found: OtherNames, today: date) -> None:
    """Merge all that was found. Raises BackendError."""
    for site, into in found.sites.items():
        backend.merge_sites(site, into, today)
    for site, pages in found.pages.items():
        backend.merge_pages(site, pages, today)


def _site(stored: str, naming: Naming) -> str:
    try:
        return naming.site(stored)
    except PageNameError:
        # An earlier version accepted it. It cannot be viewed any more.
        return stored


def _renamed_pages(
    backend: CounterBackend, site: str, naming: Naming, today: date
) -> dict[str, str]:
    renamed = {}
    # The totals of all pages come before the views of single days.
    for count in takewhile(
        lambda count: count.day is None, backend.counts(site, today)
    ):
        path = count.page.path
        try:
            new = naming.page(str(count.page)).path
        except PageNameError:
            continue
        if new != path:
            renamed[path] = new
    return renamed
