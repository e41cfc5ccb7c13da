"""Counts in the memory of one process: for tests, and for a first look."""

import os
from collections import Counter
from threading import Lock

from page_tracker.backends.protocol import BackendError
from page_tracker.model import Page, Tally, View


class MemoryBackend:
    """Counts that are exact within one process and end with it."""

    kind = "memory"
    shared = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._views: Counter[str] = Counter()
        self._owner: int | None = None

    def record(self, view: View) -> Tally:
        """Count one view; BackendError in a process forked after the first view."""
        self._refuse_copies()
        # Before the lock, so that no fork can copy it locked into a process that
        # is not turned away above.
        self._owner = os.getpid()
        with self._lock:
            self._views[view.page.site] += 1
            return Tally(site_views=self._views[view.page.site])

    def tally(self, page: Page) -> Tally:
        """Return the tally as it stands; BackendError where record raises it."""
        self._refuse_copies()
        return Tally(site_views=self._views[page.site])

    def check(self) -> list[str]:
        """Warn that counts end with the process; BackendError as for record."""
        self._refuse_copies()
        return ["counts in memory end with the process; Redis keeps them"]

    def _refuse_copies(self) -> None:
        # After a fork, both processes would give the same numbers, and the views
        # that one counts would be missing in the other.
        if self._owner not in (None, os.getpid()):
            raise BackendError("counts in memory belong to the process that began them")
