"""The formats of a tally: JSON, text, GIF, SVG badge, and JSON for shields.io.

web/routes.py names the URLs of each format.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats import badge, gif, json, shields, text
from page_tracker.web.formats.badge_options import NAMES, Get
from page_tracker.web.formats.show import Show


@dataclass(frozen=True, slots=True)
class Format:
    """A format for a tally, and for an error."""

    media_type: str

    prepare: Callable[[Get], Show]
    """Reads the options, before anything is counted. Raises OptionError."""

    failure: Callable[[str, Get], str | bytes]
    """Formats an error with its reason. Reads the options. Raises OptionError."""

    headers: dict[str, str] = field(default_factory=dict)

    is_image: bool = False
    """Whether it is an image. Proxies of images, such as GitHub's camo, pass on only
    those with the status 200, so errors have it as well."""

    options: frozenset[str] = frozenset()
    """The options. Without any, parameters with other names are ignored."""


def _always(draw: Callable[[Page, Tally], str | bytes]) -> Callable[[Get], Show]:
    show = Show(draw)
    return lambda _: show


JSON = Format("application/json", _always(json.as_json), json.failure_as_json)
VALUE = Format("application/json", _always(json.as_value), json.failure_as_json)
TEXT = Format("text/plain", _always(text.as_text), text.failure_as_text)
GIF = Format("image/gif", _always(gif.as_pixel), gif.failure_as_pixel, is_image=True)
SHIELDS = Format(
    "application/json",
    shields.prepare,
    shields.failure,
    # shields.io takes a logo in its own URL.
    options=NAMES - {"logo"},
)
SVG = Format(
    "image/svg+xml",
    badge.prepare,
    badge.failure,
    # If the image is opened by itself, it runs nothing, and loads only its own logo.
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
        "img-src data:"
    },
    is_image=True,
    options=NAMES,
)
