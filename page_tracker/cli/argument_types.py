"""Values of arguments and options, checked while the command line is parsed."""

from collections.abc import Callable
from typing import Any

import click

from page_tracker.counting.parsing import parse_choice, parse_number, quoted


class Parsed(click.ParamType[Any]):
    """A value that a function parses. The function raises ValueError if it is wrong."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self.name = "text"
        self._parse = parse

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Parse the text. A ValueError becomes a usage error."""
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def whole_number(minimum: int, maximum: int) -> Parsed:
    """Return the type of a whole number between these limits, both included."""
    return Parsed(lambda text: parse_number(text, minimum, maximum))


def parse_format(name: str) -> str:
    """Return the name of a format of files. Raises ValueError."""
    # Imported here, because the formats are many, and only one command needs them.
    # pylint: disable-next=import-outside-toplevel
    from page_tracker.transfer.formats import FORMATS

    return parse_choice(name, [each.name for each in FORMATS])


def parse_columns(text: str) -> dict[str, str]:
    """Return the names of columns in a text such as path=Seitenpfad,views=Aufrufe.

    Raises ValueError.
    """
    columns = dict(each.partition("=")[::2] for each in text.split(",") if each)
    if columns.keys() <= {"path", "views", "date"} and all(columns.values()):
        return columns
    raise ValueError(
        f"{quoted(text)} is not allowed; allowed: path=NAME,views=NAME and optionally "
        "date=NAME, with the names in the header of the table"
    )
