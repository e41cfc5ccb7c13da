"""JSON: the tally of a page, the value of CountAPI, and the totals of sites."""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from operator import attrgetter

from page_tracker.counting.model import Page, SiteTotal, Tally
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.web.formats.badge_options import Get

_NAMES = [field.name for field in fields(SiteTotal)]
# For many sites, asdict() would take most of the time.
_values = attrgetter(*_NAMES)


def numbers(page: Page, tally: Tally) -> dict[str, str | int]:
    """Return the numbers of a tally by their names."""
    return {
        "page": str(page),
        "views": tally.page_views,
        "site": page.site,
        "site_views": tally.site_views,
        "site_visitors_today": tally.site_visitors_today,
    }


def as_json(page: Page, tally: Tally) -> str:
    """Show all numbers."""
    # To dump the whole dictionary takes twice as long.
    return (
        f'{{"page": {json.dumps(str(page))}, "views": {tally.page_views}, '
        f'"site": {json.dumps(page.site)}, "site_views": {tally.site_views}, '
        f'"site_visitors_today": {tally.site_visitors_today}}}\n'
    )


def failure_as_json(reason: str, _get: Get) -> str:
    """Show the reason under the name "error"."""
    return f"{json.dumps({'error': reason})}\n"


def as_value(_page: Page, tally: Tally) -> str:
    """Show the views of the page in the format of CountAPI and Abacus."""
    return f"{json.dumps({'value': tally.page_views})}\n"


def totals_json(today: date, totals: Iterable[SiteTotal]) -> str:
    """Return the totals of each site, of all time and today, in one line.

    The name of a site is its host as people write it.
    """
    sites = [
        {"site": total.site, "name": readable_host(total.site)}
        | dict(zip(_NAMES, _values(total), strict=True))
        for total in totals
    ]
    return json.dumps({"today": today.isoformat(), "sites": sites})
