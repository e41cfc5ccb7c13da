"""What the commands have in common: options, and values that are checked by parsing."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from page_tracker.counting.parsing import quoted

Command = TypeVar("Command", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """A value that a function returns, or raises ValueError for."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self.name = "text"
        self._parse = parse

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Parse the text; what is wrong with it becomes an error of usage."""
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def whole_number(least: int, most: int) -> Parsed:
    """Take a number within these limits."""

    def parse(text: str) -> int:
        # Python's own int() would take " 1_0 " for 10.
        if re.fullmatch("[0-9]{1,16}", text) and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"{quoted(text)} is no number from {least} to {most}")

    return Parsed(parse)


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
