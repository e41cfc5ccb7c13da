"""Files to import in tests, and what the commands say."""

import json
from datetime import date
from typing import Any

from page_tracker import MemoryBackend, Page
from tests.unit.cli.conftest import Outcome

BLOG, ABOUT = Page("example.com", "/blog"), Page("example.com", "/about")
CSV = b"page,views\nexample.com/blog,40\nhttps://example.com/about?a,2\n"
AGAIN = "Nothing was imported: these counts have been imported before."
DRY = "Nothing was imported, because this is a dry run."


def in_json(*entries: dict[str, Any], since: str | None = None) -> bytes:
    """Return an export with these entries, or an increment."""
    head: dict[str, Any] = {"format": "page-tracker", "version": 2}
    if since:
        head["since"] = since
    return json.dumps(head | {"counts": entries}).encode()


def increment(*counts: tuple[str, int, date]) -> bytes:
    """Return an increment with the views of these pages on these days."""
    entries = [
        {"page": page, "views": views, "day": day.isoformat()}
        for page, views, day in counts
    ]
    return in_json(*entries, since="2020-01-01")


def views(backend: MemoryBackend, *pages: Page) -> list[int]:
    """Return the total views of each of these pages."""
    return [backend.tally(page, date.min).page_views for page in pages]


def days_of(backend: MemoryBackend, *days: date) -> list[int]:
    """Return the views of the site on each of these days."""
    return [total.views for total in backend.history(BLOG.site, days)]


def refusal(outcome: Outcome) -> str:
    """Return the line that says why files are refused."""
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    return line.removeprefix("page-tracker: ")
