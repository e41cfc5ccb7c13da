"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def backend_option(command: Command) -> Command:
    """Add the option for the URL of the backend that the server uses."""
    return click.option(
        "--backend",
        "--redis-url",
        "backend_url",
        metavar="URL",
        help="URL of the backend that the server uses (default: as for serve). If it "
        "contains a password, set the variable PAGE_TRACKER_BACKEND instead.",
    )(command)


def json_option(command: Command) -> Command:
    """Add the option for machine-readable output."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write one JSON document."
    )(command)
