"""Text: the views of a page, and nothing else."""

from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats.badge_options import Get


def as_text(_page: Page, tally: Tally) -> str:
    """Show the views of the page."""
    return f"{tally.page_views}\n"


def failure_as_text(reason: str, _get: Get) -> str:
    """Show the reason."""
    return f"{reason}\n"
