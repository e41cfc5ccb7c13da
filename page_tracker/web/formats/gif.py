"""GIF: a transparent pixel, which shows no number."""

from base64 import b64decode

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats.badge_options import Get

# One transparent pixel: GIF89a, W3C 1990.
_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


def as_pixel(_page: Page, _tally: Tally) -> bytes:
    """Return the transparent pixel."""
    return _PIXEL


def failure_as_pixel(_reason: str, _get: Get) -> bytes:
    """Return the same pixel: it cannot show a reason, which is in a header."""
    return _PIXEL
