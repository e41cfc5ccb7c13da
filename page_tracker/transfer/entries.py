"""One count in a file: checked, with an error that says what is allowed."""

from datetime import date

from page_tracker.counting.model import MOST_VIEWS, Count
from page_tracker.counting.page_names import PageNameError, parse_own_page
from page_tracker.counting.parsing import quoted


class FileError(ValueError):
    """A file cannot be imported. The text says where, why, and what is allowed."""


def parse_count(page: object, views: object, day: date | None) -> Count:
    """Return a checked count. Raises ValueError."""
    if not isinstance(page, str):
        raise ValueError(f"page {quoted(str(page))}; allowed: a text")
    # In Python, True is an int.
    if (
        isinstance(views, bool)
        or not isinstance(views, int)
        or not 0 <= views <= MOST_VIEWS
    ):
        raise ValueError(
            f"views {quoted(str(views))}; allowed: a whole number from 0 to "
            f"{MOST_VIEWS}, without separators"
        )
    try:
        return Count(parse_own_page(page), views, day)
    except PageNameError as error:
        raise ValueError(f"page {quoted(page)}: {error}") from None
