"""What every backend does: the contract between the tracker and its counters."""

from datetime import date
from typing import Protocol, Self

from page_tracker.model import Ignored, Page, Tally, View


class BackendError(Exception):
    """The backend cannot answer; the reason is chained. Its text holds no URL.

    A view whose recording ends in this error is counted once or not at all.
    """


class BackendOverloadedError(BackendError):
    """More is asked at once than the backend can take. The view is not counted."""


class LimitReachedError(BackendError):
    """There are as many pages or sites as may be. The view is not counted.

    Its text names the limit, and how to raise it.
    """

    @classmethod
    def of_pages(cls, site: str, most: int) -> Self:
        """Refuse another page of a site."""
        return cls(
            f"PAGE_TRACKER_MAX_PAGES allows for no more than {most} pages, and "
            f"{site or 'this site'} has as many; these go on being counted"
        )

    @classmethod
    def of_sites(cls, most: int) -> Self:
        """Refuse another site."""
        return cls(
            f"PAGE_TRACKER_MAX_SITES allows for no more than {most} sites, and there "
            "are as many; these go on being counted"
        )


class CounterBackend(Protocol):
    """Where counts live. Safe to use from any number of threads or greenlets."""

    kind: str
    """What the counts are kept in, in a word: redis or memory."""

    shared: bool
    """Whether all processes that count in this place see one another's views."""

    def record(self, view: View) -> Tally:
        """Count one view and return the tally right after it.

        No two views of a site get the same number, and none is left out. A view that
        is ignored changes no number, is tallied by its reason if its site is known,
        and gets the numbers as they stand.
        Raises BackendError, also BackendOverloadedError and LimitReachedError.
        """

    def tally(self, page: Page, day: date) -> Tally:
        """Return the tally as it stands, zeros if nothing was ever recorded.

        Counts nothing. Raises BackendError.
        """

    def ignored(self, site: str, day: date) -> dict[Ignored, int]:
        """Return how many views of a site were ignored on a day, for each reason.

        Raises BackendError.
        """

    def check(self) -> list[str]:
        """Return within 1 s if able to serve: a line for each way to lose counts.

        Raises BackendError.
        """
