"""What every backend does: the contract between the tracker and its counters."""

from datetime import date
from typing import Protocol

from page_tracker.model import Page, Tally, View


class BackendError(Exception):
    """The backend cannot answer; the reason is chained. Its text holds no URL.

    A view whose recording ends in this error is counted once or not at all.
    """


class BackendOverloadedError(BackendError):
    """More is asked at once than the backend can take. The view is not counted."""


class CounterBackend(Protocol):
    """Where counts live. Safe to use from any number of threads or greenlets."""

    kind: str
    """What the counts are kept in, in a word: redis or memory."""

    shared: bool
    """Whether all processes that count in this place see one another's views."""

    def record(self, view: View) -> Tally:
        """Count one view and return the tally right after it.

        No two views of a site get the same number, and none is left out.
        Raises BackendError, also BackendOverloadedError.
        """

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands, zeros if nothing was ever recorded.

        Counts nothing. Raises BackendError.
        """

    def check(self) -> list[str]:
        """Return within 1 s if able to serve: a line for each way to lose counts.

        Raises BackendError.
        """
