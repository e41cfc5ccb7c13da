"""JSON for the badges of shields.io: its endpoint schema, version 1."""

import json

from page_tracker.web.formats.badge_options import Get, Options
from page_tracker.web.formats.few_words import in_few_words
from page_tracker.web.formats.show import Show


def prepare(get: Get) -> Show:
    """Read the options. Raises OptionError."""
    options = Options.read(get)
    return Show(
        lambda _, tally: _badge(
            options, message=options.number(tally), color=options.color
        ),
        options.days,
    )


def failure(reason: str, get: Get) -> str:
    """Return the badge of an error. Raises OptionError."""
    return _badge(Options.read(get), message=in_few_words(reason), isError=True)


def _badge(options: Options, **content: str | bool) -> str:
    badge = {
        "schemaVersion": 1,
        "label": options.label,
        **content,
        "labelColor": options.label_color,
        "style": options.style,
    }
    return f"{json.dumps(badge)}\n"
