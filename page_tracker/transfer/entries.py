"""Parse the counts in a file."""

from datetime import date

from page_tracker.counting.model import MAX_VIEWS, Count
from page_tracker.counting.page_names import PageNameError, parse_own_page
from page_tracker.counting.parsing import quoted


class FileError(ValueError):
    """A file cannot be imported. The text says where and why, and what is allowed."""


def parse_count(page: object, views: object, day: date | None) -> Count:
    """Return the count of an entry. Raises ValueError, which says what is allowed."""
    if not isinstance(page, str):
        raise ValueError(f"page {quoted(str(page))} is not a string; allowed: a string")
    # In Python, True is an int.
    if (
        isinstance(views, bool)
        or not isinstance(views, int)
        or not 0 <= views <= MAX_VIEWS
    ):
        raise ValueError(
            f"views {quoted(str(views))} is not valid; allowed: a whole number from 0 "
            f"to {MAX_VIEWS}, without separators"
        )
    try:
        return Count(parse_own_page(page), views, day)
    except PageNameError as error:
        raise ValueError(f"page {quoted(page)}: {error}") from None
