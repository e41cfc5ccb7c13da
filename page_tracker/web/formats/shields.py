"""JSON for the badges of shields.io: its endpoint schema, version 1."""

import json
from collections.abc import Callable

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats.badge_options import Get, Options


def prepare(get: Get) -> Callable[[Page, Tally], str]:
    """Read the options. Raises OptionError."""
    options = Options.read(get)
    return lambda _, tally: _badge(
        options, message=options.number(tally.page_views), color=options.color
    )


def failure(_reason: str, get: Get) -> str:
    """Return the badge of an error. Raises OptionError."""
    return _badge(Options.read(get), message="unavailable", isError=True)


def _badge(options: Options, **content: str | bool) -> str:
    badge = {
        "schemaVersion": 1,
        "label": options.label,
        **content,
        "labelColor": options.label_color,
        "style": options.style,
    }
    return f"{json.dumps(badge)}\n"
