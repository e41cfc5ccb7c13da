"""How a batch of views of one site and day is counted in Redis: see record.lua."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from redis.exceptions import ResponseError

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis_calls import Argument, Call, Script, site_key
from page_tracker.model import Ignored, Limits, Tally, View
from page_tracker.pseudonyms import pseudonym

_RECORD = Script("record.lua")


def record(
    writer: str, number: int, views: Sequence[View], salt: bytes | None, limits: Limits
) -> Call[Tally]:
    """Count a batch of views, and read the tally after each.

    The writer's numbers for a site and day must rise. Without the salt of the day, no
    visitors are counted, and no view is found to be a repeat.
    """
    site, day = views[0].page.site, views[0].day
    names = _pseudonyms(views, site, salt)
    pages, ignored = _gather(views, names)
    name = site_key(site)
    keys = (
        name,
        f"{{{name}}}:pages",
        f"{{{name}}}:day:{day}",
        f"{{{name}}}:visitors:{day}",
        f"{{{name}}}:ignored:{day}",
        f"{{{name}}}:seen",
        f"{{{name}}}:writer:{writer}:{day}",
    )
    # The tracker's own site is always known.
    arguments: list[Argument] = [number, 0 if site else 1]
    arguments += (limits.pages_per_site, limits.repeats_s, len(pages))
    for path, page in pages.items():
        arguments += (path, page.views, page.by_nobody, len(page.visitors))
        arguments += page.visitors
    for reason, times in ignored.items():
        arguments += (reason, times)

    def read(reply: bytes) -> list[Tally | LimitReachedError]:
        answered, site_views, site_visitors, *of_pages = reply.decode().split()
        if answered != str(number):
            raise ValueError(f"batch {number} got the reply to batch {answered}")
        for page, text in zip(pages.values(), of_pages, strict=True):
            page.read(text)
        before = int(site_views) - sum(page.counted for page in pages.values())
        return list(_number(views, names, pages, before, int(site_visitors), limits))

    return Call(_RECORD, keys, tuple(arguments), read, new_site=site)


def asks_to_admit(reply: bytes | Exception) -> bool:
    """Tell whether nothing was counted, since the site is not a known one yet."""
    return isinstance(reply, ResponseError) and str(reply).startswith("NEWSITE ")


@dataclass(slots=True)
class _Viewed:
    """What a batch has of one page, and what came of it."""

    views: int = 0
    by_nobody: int = 0
    # In the order in which the script is told them, and marks them.
    visitors: dict[bytes, None] = field(default_factory=dict)

    refused: bool = False
    counted: int = 0
    before: int = 0
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
        self.before = int(after) - self.counted


def _pseudonyms(
    views: Sequence[View], site: str, salt: bytes | None
) -> Mapping[str | None, bytes]:
    if salt is None:
        return {}
    visitors = {view.visitor for view in views if view.visitor is not None}
    return {visitor: pseudonym(visitor, site, salt) for visitor in visitors}


def _gather(
    views: Sequence[View], names: Mapping[str | None, bytes]
) -> tuple[dict[str, _Viewed], Counter[Ignored]]:
    """Put the views of one page together, and those that are ignored for one reason."""
    pages: dict[str, _Viewed] = {}
    ignored: Counter[Ignored] = Counter()
    for view in views:
        page = pages.get(view.page.path)
        if page is None:
            page = pages[view.page.path] = _Viewed()
        if view.ignored is not None:
            ignored[view.ignored] += 1
            continue
        page.views += 1
        name = names.get(view.visitor)
        if name is None:
            page.by_nobody += 1
        else:
            page.visitors[name] = None
    return pages, ignored


def _number(
    views: Sequence[View],
    names: Mapping[str | None, bytes],
    pages: Mapping[str, _Viewed],
    site_views: int,
    site_visitors: int,
    limits: Limits,
) -> Iterator[Tally | LimitReachedError]:
    """Give each view that counts the number that follows that of the one before."""
    for view in views:
        page, ignored = pages[view.page.path], view.ignored
        if page.refused and ignored is None:
            yield LimitReachedError.of_pages(view.page.site, limits.pages_per_site)
            continue
        if page.fresh is not None and ignored is None:
            name = names.get(view.visitor)
            if name in page.fresh:
                page.fresh.remove(name)
            elif name is not None:
                ignored = Ignored.REPEAT
        if ignored is None:
            site_views += 1
            page.before += 1
        yield Tally(page.before, site_views, site_visitors, ignored)
