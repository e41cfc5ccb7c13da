"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def redis_url_option(command: Command) -> Command:
    """Add the option that names the Redis that the server uses."""
    return click.option(
        "--redis-url",
        metavar="URL",
        help="Redis that the server uses. If the URL contains a password, set the "
        "variable REDIS_URL instead (redis://localhost:6379).",
    )(command)


def json_option(command: Command) -> Command:
    """Add the option for output that programs read."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write one JSON document."
    )(command)
