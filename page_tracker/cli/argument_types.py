"""Values of arguments and options, checked while the command line is parsed.

A page is written as example.com/blog, a site as example.com. "/" is the tracker's own
front page, or its site. The rules of the owner for names are not applied here, so that
counts can be named that were stored under earlier rules.
"""

from collections.abc import Callable
from typing import Any

import click

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.naming import AS_STORED
from page_tracker.counting.page_names import PageNameError
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


def parse_any_page(name: str) -> Page:
    """Return the page with this name, as it is stored. Raises PageNameError."""
    return AS_STORED.own_page(name)


def parse_page_of_site(name: str) -> Page:
    """Return the page with this name.

    Raises PageNameError, also for a name without a slash, which is a site.
    """
    if "/" in name:
        return parse_any_page(name)
    raise PageNameError(
        f"this is a site; allowed: a page, such as {quoted(f'{name}/')}"
    )


def parse_own_site(name: str) -> str:
    """Return the site with this name. Raises PageNameError."""
    if name == str(FRONT_PAGE):
        return FRONT_PAGE.site
    if "/" in name:
        raise PageNameError("this is a page; allowed: a site, such as example.com")
    return AS_STORED.site(name)


def parse_page_or_site(name: str) -> Page | str:
    """Return a page if the name has a slash, otherwise a site.

    The name "/" is the tracker's own site, whose only page is the front page. Raises
    PageNameError.
    """
    is_page = "/" in name and name != str(FRONT_PAGE)
    return parse_any_page(name) if is_page else parse_own_site(name)


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
