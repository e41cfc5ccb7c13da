"""JSON, text, and an image that shows nothing."""

import json
from base64 import b64decode

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats.badge_options import Get

# One transparent pixel: GIF89a, W3C 1990.
_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


def numbers(page: Page, tally: Tally) -> dict[str, str | int]:
    """Return all numbers by their names."""
    return {
        "page": str(page),
        "views": tally.page_views,
        "site": page.site,
        "site_views": tally.site_views,
        "site_visitors_today": tally.site_visitors_today,
    }


def as_json(page: Page, tally: Tally) -> str:
    """Show all numbers."""
    return f"{json.dumps(numbers(page, tally))}\n"


def sorry_as_json(reason: str, _get: Get) -> str:
    """Show the reason under the name "error"."""
    return f"{json.dumps({'error': reason})}\n"


def as_value(_page: Page, tally: Tally) -> str:
    """Show the views of the page as CountAPI and Abacus do."""
    return f"{json.dumps({'value': tally.page_views})}\n"


def as_text(_page: Page, tally: Tally) -> str:
    """Show the views of the page."""
    return f"{tally.page_views}\n"


def sorry_as_text(reason: str, _get: Get) -> str:
    """Show the reason."""
    return f"{reason}\n"


def as_pixel(_page: Page, _tally: Tally) -> bytes:
    """Show nothing."""
    return _PIXEL


def sorry_as_pixel(_reason: str, _get: Get) -> bytes:
    """Show nothing, either."""
    return _PIXEL
