"""What sites have in all, as JSON."""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from operator import attrgetter

from page_tracker.counting.model import SiteTotal

_NAMES = [field.name for field in fields(SiteTotal)]
# There may be many of them, and asdict() would take most of the time.
_values = attrgetter(*_NAMES)


def totals_json(today: date, totals: Iterable[SiteTotal]) -> str:
    """Write what each site has, in all and today, in one line."""
    sites = [dict(zip(_NAMES, _values(total), strict=True)) for total in totals]
    return json.dumps({"today": today.isoformat(), "sites": sites})
