"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def redis_url_option(command: Command) -> Command:
    """Let the place be named where the tracker that serves counts."""
    return click.option(
        "--redis-url",
        metavar="URL",
        help="Where views are counted; better in the variable REDIS_URL if there is a "
        "password in it (redis://localhost:6379).",
    )(command)


def json_option(command: Command) -> Command:
    """Let the answer be one for programs."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write one JSON document."
    )(command)
