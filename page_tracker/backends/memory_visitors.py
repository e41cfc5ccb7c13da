"""The visitors in memory: their pseudonyms, and which pages they have just viewed."""

import time
from collections import OrderedDict
from datetime import date, timedelta

from page_tracker.counting.model import Page, View
from page_tracker.counting.pseudonyms import new_salt, pseudonym


class Visitors:
    """The salts of the last days, and the latest views of each visitor."""

    def __init__(self, repeats_s: float) -> None:
        """Remember a view for so many seconds, in which further views are repeats."""
        self._repeats_s = repeats_s
        self._salts: dict[date, bytes] = {}
        # The oldest entry comes first, because all entries expire after the same time.
        self._until: OrderedDict[tuple[bytes, Page], float] = OrderedDict()

    def pseudonym(self, view: View) -> bytes | None:
        """Return the pseudonym of the visitor; None if the view has no visitor."""
        if view.visitor is None:
            return None
        return pseudonym(view.visitor, view.page.site, self._salt(view.day))

    def has_just_viewed(self, visitor: bytes | None, page: Page) -> bool:
        """Return whether a further view of the page is a repeat."""
        now = time.monotonic()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        return (visitor, page) in self._until

    def remember(self, visitor: bytes, page: Page) -> None:
        """Remember that this visitor has just viewed this page."""
        if self._repeats_s:
            self._until[visitor, page] = time.monotonic() + self._repeats_s

    def _salt(self, day: date) -> bytes:
        """Return the salt of a day, and forget salts that are older than a day."""
        if day not in self._salts:
            yesterday = day - timedelta(days=1)
            self._salts = {d: salt for d, salt in self._salts.items() if d >= yesterday}
            self._salts[day] = new_salt()
        return self._salts[day]
