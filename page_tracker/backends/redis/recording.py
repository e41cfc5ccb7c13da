"""The calls behind each request: to record views, to read tallies, to share salts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis.keys import key_of, site_key
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.counting.model import Ignored, Limits, Page, Tally, View
from page_tracker.counting.pseudonyms import pseudonym

_RECORD, _TALLY = Script("record.lua"), Script("tally.lua")
_SALT = Script("salt.lua")


def record(
    writer: str, number: int, views: Sequence[View], salt: bytes | None, limits: Limits
) -> Call[Tally]:
    """Count a batch of views of one site and day, and read the tally after each.

    The writer's numbers for a site and day must rise. Without the salt of the day, no
    visitors are counted, and no view is found to be a repeat.
    """
    batch = _Batch(number, views, salt, limits)
    site, day = views[0].page.site, views[0].day
    keys = (
        site_key(site),
        key_of(site, "pages"),
        key_of(site, f"views:{day}"),
        key_of(site, f"day:{day}"),
        key_of(site, f"visitors:{day}"),
        key_of(site, f"ignored:{day}"),
        key_of(site, "seen"),
        key_of(site, f"writer:{writer}:{day}"),
    )
    return Call(_RECORD, keys, batch.arguments(), batch.read)


@dataclass(slots=True)
class _Viewed:
    """What a batch has of one page, and what came of it."""

    views: int = 0
    by_nobody: int = 0
    # In the order in which the script is told them, and marks them.
    visitors: dict[bytes, None] = field(default_factory=dict)

    refused: bool = False
    counted: int = 0
    # The number that the page had before the batch, and then with each view.
    number: int = 0
    # Those with a view that counts; None if all views do.
    fresh: set[bytes] | None = None

    def read(self, text: str) -> None:
        """Take what the reply says of this page."""
        after, slash, marks = text.partition("/")
        self.refused = after == "-"
        if self.refused:
            return
        self.counted = self.views
        if slash:
            marked = zip(self.visitors, marks, strict=True)
            self.fresh = {visitor for visitor, mark in marked if mark == "1"}
            self.counted = self.by_nobody + len(self.fresh)
        self.number = int(after) - self.counted

    def take_number(self, visitor: bytes | None) -> bool:
        """Go on to the next number, unless this visitor's view that counts has it."""
        if visitor is not None and self.fresh is not None:
            if visitor not in self.fresh:
                return False
            self.fresh.remove(visitor)
        self.number += 1
        return True


class _Batch:
    """Views of one site and day, put together by page and by reason to ignore them."""

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
        self._pages: dict[str, _Viewed] = {}
        self._ignored: Counter[str] = Counter()
        for view in views:
            self._add(view)

    def _add(self, view: View) -> None:
        page = self._pages.get(view.page.path)
        if page is None:
            page = self._pages[view.page.path] = _Viewed()
        if view.ignored is not None:
            self._ignored[view.ignored.value] += 1
            return
        page.views += 1
        visitor = self._pseudonyms.get(view.visitor)
        if visitor is None:
            page.by_nobody += 1
        else:
            page.visitors[visitor] = None

    def arguments(self) -> tuple[Argument, ...]:
        """Return what the script is told."""
        arguments: list[Argument] = [self._number]
        arguments += (self._limits.pages_per_site, self._limits.repeats_s)
        arguments.append(len(self._pages))
        for path, page in self._pages.items():
            arguments += (path, page.views, page.by_nobody, len(page.visitors))
            arguments += page.visitors
        for reason, views in self._ignored.items():
            arguments += (reason, views)
        return tuple(arguments)

    def read(self, reply: bytes) -> list[Tally | LimitReachedError]:
        """Return the tally after each view, or why it is refused.

        Raises ValueError if that is not in the reply.
        """
        answered, site_views, site_visitors, *of_pages = reply.decode().split()
        if int(answered) != self._number:
            raise ValueError(f"batch {self._number} got the reply to batch {answered}")
        for page, text in zip(self._pages.values(), of_pages, strict=True):
            page.read(text)
        return list(self._tallies(int(site_views), int(site_visitors)))

    def _tallies(
        self, site_views: int, site_visitors: int
    ) -> Iterator[Tally | LimitReachedError]:
        """Give each view that counts the number that follows that of the one before."""
        site_views -= sum(page.counted for page in self._pages.values())
        for view in self._views:
            page, ignored = self._pages[view.page.path], view.ignored
            if ignored is None:
                if page.refused:
                    most = self._limits.pages_per_site
                    yield LimitReachedError.of_pages(self._site, most)
                    continue
                if page.take_number(self._pseudonyms.get(view.visitor)):
                    site_views += 1
                else:
                    ignored = Ignored.REPEAT
            yield Tally(page.number, site_views, site_visitors, ignored)


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody wants the tally of a page as it stands."""

    page: Page
    day: date


def tally(readings: Sequence[Reading]) -> Call[Tally]:
    """Read the tallies of pages of one site on one day."""
    site, day = readings[0].page.site, readings[0].day
    paths = tuple({reading.page.path: None for reading in readings})

    def read(reply: bytes) -> list[Tally]:
        site_views, visitors, *page_views = map(int, reply.split())
        views = dict(zip(paths, page_views, strict=True))
        return [
            Tally(views[reading.page.path], site_views, visitors)
            for reading in readings
        ]

    keys = site_key(site), key_of(site, "pages"), key_of(site, f"visitors:{day}")
    return Call(_TALLY, keys, paths, read)


def salt_of(day: date, proposed: bytes) -> Call[bytes]:
    """Read the salt of a day, which is this one if there is none yet."""
    # Named as a key of the tracker's own site: no site's own name can be like it.
    return Call(_SALT, (key_of("", f"salt:{day}"),), (proposed,), lambda reply: [reply])
