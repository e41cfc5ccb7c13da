"""The calls that counting a view needs: record views, read tallies, share a salt."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis.keys import (
    import_key,
    key_of,
    site_key,
    staged_key,
)
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.counting.model import (
    RETENTION_DAYS,
    Ignored,
    Limits,
    Page,
    Tally,
    View,
)
from page_tracker.counting.pseudonyms import pseudonym

_RECORD, _TALLY = Script("record.lua"), Script("tally.lua")
_SALT = Script("salt.lua")
WRITER = 9
"""The index of the key by which a call of record.lua counts once."""

_DAY_S = 24 * 60 * 60


def record(  # pylint: disable=too-many-arguments  # two are keyword-only
    writer: str,
    number: int,
    views: Sequence[View],
    salt: bytes | None,
    limits: Limits,
    *,
    today: date | None = None,
    in_journal: bool = False,
) -> Call[Tally]:
    """Return the call that counts views of one site and day.

    Its results are the tallies right after each view. The number is that of the batch,
    and must ascend for each writer, site and day. Without the salt of the day, the call
    counts no visitors and detects no repeats. With today's date, the owner brings the
    views, perhaps those of an earlier day: all of them count or none. If a journal has
    them, Redis remembers until it ends that they have counted.
    """
    batch = _Batch(number, views, salt, limits)
    site, day = views[0].page.site, views[0].day
    kept_days = RETENTION_DAYS - ((today - day).days if today else 0)
    for_day = (kept_days * _DAY_S, int(today is not None) + int(in_journal))
    of_day = _keys_of(site, day)
    # Journals keep the keys in this order, and other versions read them.
    own = key_of(site, f"writer:{writer}:{day}")
    keys = *of_day[:WRITER], own, *of_day[WRITER:]
    return Call(_RECORD, keys, batch.arguments(for_day), batch.parse)


# Most views are of a few sites. To format the keys takes as long as to pack them.
@lru_cache(256)
def _keys_of(site: str, day: date) -> tuple[str, ...]:
    """Return the keys that each writer has for a site and a day."""
    return (
        site_key(site),
        key_of(site, "pages"),
        key_of(site, f"views:{day}"),
        key_of(site, f"day:{day}"),
        key_of(site, f"visitors:{day}"),
        key_of(site, f"ignored:{day}"),
        key_of(site, f"more_visitors:{day}"),
        key_of(site, "first_day"),
        key_of(site, "seen"),
        import_key(site),
        staged_key(site, "replaced"),
        staged_key(site, "pages"),
        staged_key(site, f"day:{day}"),
        key_of(site, "referrers"),
        key_of(site, f"referrers:{day}"),
    )


@dataclass(slots=True)
class _PageBatch:
    """The views of one page in a batch, and their outcome."""

    views: int = 0
    anonymous: int = 0
    # In the order in which the script receives them and marks them.
    visitors: dict[bytes, None] = field(default_factory=dict)

    refused: bool = False
    counted: int = 0
    # The views of the page before the batch, then the number of its last numbered view.
    number: int = 0
    # Visitors with a view that counts and has no number yet; None if all views count.
    to_number: set[bytes] | None = None

    def parse(self, text: str) -> None:
        """Set the outcome from the part of the reply for this page."""
        after, slash, marks = text.partition("/")
        self.refused = after == "-"
        if self.refused:
            return
        self.counted = self.views
        if slash:
            marked = zip(self.visitors, marks, strict=True)
            self.to_number = {visitor for visitor, mark in marked if mark == "1"}
            self.counted = self.anonymous + len(self.to_number)
        self.number = int(after) - self.counted

    def take_number(self, visitor: bytes | None) -> bool:
        """Number the next view. Return False if it is a repeat by this visitor."""
        if visitor is not None and self.to_number is not None:
            if visitor not in self.to_number:
                return False
            self.to_number.remove(visitor)
        self.number += 1
        return True


class _Batch:
    """Views of one site and day, grouped by page and by the reason to ignore them."""

    def __init__(
        self, number: int, views: Sequence[View], salt: bytes | None, limits: Limits
    ) -> None:
        self._number = number
        self._views = views
        self._limits = limits
        self._site = views[0].page.site
        self._pseudonyms: dict[str | None, bytes] = {}
        if salt is not None:
            visitors = {view.visitor for view in views if view.visitor is not None}
            self._pseudonyms = {
                visitor: pseudonym(visitor, self._site, salt) for visitor in visitors
            }
        self._pages: dict[str, _PageBatch] = {}
        self._ignored: Counter[str] = Counter()
        # The views by path, referrer, and which of the page's visitors must count; 0 if
        # they count in any case.
        self._referrers: dict[tuple[str, int, str], int] = {}
        for view in views:
            self._add(view)

    def _add(self, view: View) -> None:
        page = self._pages.get(view.page.path)
        if page is None:
            page = self._pages[view.page.path] = _PageBatch()
        if view.ignored is not None:
            self._ignored[view.ignored.value] += 1
            return
        page.views += 1
        visitor = self._pseudonyms.get(view.visitor)
        if view.referrer is not None:
            self._add_referrer(view.page.path, view.referrer, page, visitor)
        if visitor is None:
            page.anonymous += 1
        else:
            page.visitors[visitor] = None

    def _add_referrer(
        self, path: str, referrer: str, page: _PageBatch, visitor: bytes | None
    ) -> None:
        number = 0
        if visitor is not None and self._limits.repeats_s:
            if visitor in page.visitors:
                # Further views of a visitor in this batch are repeats.
                return
            number = len(page.visitors) + 1
        key = (path, number, referrer)
        self._referrers[key] = self._referrers.get(key, 0) + 1

    def arguments(self, for_day: tuple[int, int]) -> tuple[Argument, ...]:
        """Return the arguments of record.lua."""
        arguments: list[Argument] = [self._number]
        arguments += (self._limits.pages_per_site, self._limits.repeats_s)
        arguments += (self._limits.referrers_per_site, self._argument_of_referrers())
        arguments += for_day
        arguments.append(len(self._pages))
        for path, page in self._pages.items():
            arguments += (path, page.views, page.anonymous, len(page.visitors))
            arguments += page.visitors
        for reason, views in self._ignored.items():
            arguments += (reason, views)
        return tuple(arguments)

    def _argument_of_referrers(self) -> str:
        if not self._referrers:
            return ""
        numbers = {path: number for number, path in enumerate(self._pages, 1)}
        words: list[int | str] = []
        for (path, visitor, referrer), views in self._referrers.items():
            words += (numbers[path], visitor, referrer, views)
        # One argument, because each takes a microsecond.
        return json.dumps(words)

    def parse(self, reply: bytes) -> list[Tally | LimitReachedError]:
        """Return for each view the tally right after it, or the error that refuses it.

        Raises ValueError if the reply does not fit the batch.
        """
        number, site_views, site_visitors, *of_pages = reply.decode().split()
        if int(number) != self._number:
            raise ValueError(f"batch {self._number} got the reply to batch {number}")
        for page, text in zip(self._pages.values(), of_pages, strict=True):
            page.parse(text)
        return list(self._tallies(int(site_views), int(site_visitors)))

    def _tallies(
        self, site_views: int, site_visitors: int
    ) -> Iterator[Tally | LimitReachedError]:
        """Number the views that count, in the order in which they were submitted."""
        site_views -= sum(page.counted for page in self._pages.values())
        for view in self._views:
            page, ignored = self._pages[view.page.path], view.ignored
            if ignored is None:
                if page.refused:
                    limit = self._limits.pages_per_site
                    yield LimitReachedError.of_pages(self._site, limit)
                    continue
                if page.take_number(self._pseudonyms.get(view.visitor)):
                    site_views += 1
                else:
                    ignored = Ignored.REPEAT
            yield Tally(page.number, site_views, site_visitors, ignored)


class TallyRequest(NamedTuple):
    """A request for the current tally of a page."""

    page: Page
    day: date


def tally(requests: Sequence[TallyRequest]) -> Call[Tally]:
    """Return the call that reads tallies of one site on one day."""
    site, day = requests[0].page.site, requests[0].day
    paths = tuple({request.page.path: None for request in requests})

    def parse(reply: bytes) -> list[Tally]:
        site_views, visitors, *page_views = map(int, reply.split())
        views = dict(zip(paths, page_views, strict=True))
        return [
            Tally(views[request.page.path], site_views, visitors)
            for request in requests
        ]

    keys = (
        site_key(site),
        key_of(site, "pages"),
        key_of(site, f"visitors:{day}"),
        key_of(site, f"more_visitors:{day}"),
    )
    return Call(_TALLY, keys, paths, parse)


def salt_of(day: date, proposed: bytes) -> Call[bytes]:
    """Return the call that reads the salt of a day, or stores the proposed one."""
    # The key belongs to the tracker's own site, so it cannot collide with another site.
    return Call(_SALT, (key_of("", f"salt:{day}"),), (proposed,), lambda reply: [reply])
