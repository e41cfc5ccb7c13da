"""What sites have in all, as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from page_tracker.model import SiteTotal


def totals_json(today: date, totals: Iterable[SiteTotal]) -> str:
    """Write what each site has, in all and today, in one line."""
    return json.dumps(
        {"today": today.isoformat(), "sites": [asdict(total) for total in totals]}
    )
