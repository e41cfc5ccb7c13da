"""The formats of a tally: JSON, text, GIF, SVG badge, and JSON for shields.io.

web/routes.py names the URLs of each format.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats import badge, gif, json, shields, text
from page_tracker.web.formats.badge_options import Get

Show = Callable[[Page, Tally], str | bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format for a tally, and for an error."""

    media_type: str

    prepare: Callable[[Get], Show]
    """Reads the options, before anything is counted. Raises OptionError."""

    failure: Callable[[str, Get], str | bytes]
    """Formats an error with its reason. Reads the options. Raises OptionError."""

    headers: dict[str, str] = field(default_factory=dict)


JSON = Format("application/json", lambda _: json.as_json, json.failure_as_json)
VALUE = Format("application/json", lambda _: json.as_value, json.failure_as_json)
TEXT = Format("text/plain", lambda _: text.as_text, text.failure_as_text)
GIF = Format("image/gif", lambda _: gif.as_pixel, gif.failure_as_pixel)
SHIELDS = Format("application/json", shields.prepare, shields.failure)
SVG = Format(
    "image/svg+xml",
    badge.prepare,
    badge.failure,
    # If the image is opened by itself, it runs and loads nothing.
    {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
)
