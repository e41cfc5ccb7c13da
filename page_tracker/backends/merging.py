"""What a merge must be, for every backend."""

from collections.abc import Mapping

from page_tracker.counting.model import FRONT_PAGE


def check_pages(site: str, into: Mapping[str, str]) -> None:
    """Raise ValueError if these pages of a site cannot be merged."""
    if site == FRONT_PAGE.site:
        raise ValueError("the tracker's own site has one page; allowed: another site")
    if both := into.keys() & set(into.values()):
        raise ValueError(
            f"{min(both)} would be merged and merged into; "
            "allowed: two different pages, each of them one of both"
        )


def check_sites(site: str, into: str) -> None:
    """Raise ValueError if these sites cannot be merged."""
    if FRONT_PAGE.site in (site, into) or site == into:
        raise ValueError("allowed: two different sites, neither the tracker's own")
