"""The JSON from which shields.io makes a badge: its endpoint schema, version 1."""

import json
from collections.abc import Callable

from page_tracker.formats.options import Get, Options
from page_tracker.model import Page, Tally


def prepare(get: Get) -> Callable[[Page, Tally], str]:
    """Read the options. Raises OptionError."""
    options = Options.read(get)

    def show(_page: Page, tally: Tally) -> str:
        return _badge(
            label=options.label,
            message=options.number(tally.page_views),
            color=options.color,
            labelColor=options.label_color,
            style=options.style,
        )

    return show


def sorry(_reason: str) -> str:
    """Make a badge of it that there is no number."""
    return _badge(label=Options().label, message="unavailable", isError=True)


def _badge(**content: str | bool) -> str:
    return f"{json.dumps({'schemaVersion': 1, **content})}\n"
