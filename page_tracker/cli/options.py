"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def redis_url_option(command: Command) -> Command:
    """Add the option for the URL of the Redis that the server uses."""
    return click.option(
        "--redis-url",
        metavar="URL",
        help="URL of the Redis that the server uses (default: redis://localhost:6379). "
        "If it contains a password, set the variable REDIS_URL instead.",
    )(command)


def json_option(command: Command) -> Command:
    """Add the option for machine-readable output."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write one JSON document."
    )(command)
