"""Helpers for tests of the API: a fixed day, the owner's client, and counts."""

from datetime import date, timedelta

from webtest import TestApp

from page_tracker import Ignored, MemoryBackend, Page, Rules, View, create_app
from tests.owner import TOKEN, owner_of

TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)


class FixedRules(Rules):
    """Rules with a fixed day, so that no test runs across midnight."""

    def today(self) -> date:
        """Return the fixed day."""
        return TODAY


def client_of(backend: MemoryBackend) -> TestApp:
    """Return a client of the owner."""
    return owner_of(create_app(backend=backend, rules=FixedRules(token=TOKEN)))


def count(
    backend: MemoryBackend,
    page: str,
    *,
    day: date = TODAY,
    times: int = 1,
    ignored: Ignored | None = None,
) -> None:
    """Record views of a page by one visitor."""
    site, _, path = page.partition("/")
    for _ in range(times):
        backend.record(View(Page(site, f"/{path}"), day, "somebody", ignored))
