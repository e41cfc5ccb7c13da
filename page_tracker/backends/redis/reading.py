"""Queries for the owner of a site."""

from collections.abc import Sequence
from datetime import date

from page_tracker.backends.redis.changing import kept_days
from page_tracker.backends.redis.keys import KNOWN_SITES, key_of, site_key
from page_tracker.backends.redis.request_queues import RequestQueues
from page_tracker.backends.redis.script_calls import Argument, Call, Script
from page_tracker.backends.redis.sums import sums_of
from page_tracker.counting.model import (
    DayTotal,
    Ignored,
    Page,
    PageViews,
    Ranking,
    SiteTotal,
)

_KNOWN_SITES = Script("known_sites.lua")
_SITE_TOTAL, _HISTORY = Script("site_total.lua"), Script("history.lua")
_RANKING, _IGNORED = Script("ranking.lua"), Script("ignored.lua")
_SIZES, _PAGE_HISTORY = Script("sizes.lua"), Script("page_history.lua")
_FIRST_DAY, _IMPORTS = Script("first_day.lua"), Script("imports.lua")

# Views wait while so many are read, which takes about a millisecond.
_SITES_AT_ONCE = 32
# A search reads this many pages in one call, which takes a few milliseconds.
_PAGES_PER_SEARCH = 10_000
# Redis counts the visitors of so many days in a millisecond.
_DAYS_PER_CALL = 100


def sites(queues: RequestQueues, today: date, only: str | None) -> list[SiteTotal]:
    """Return all known sites, the most viewed first, or one. Raises BackendError."""
    known = ["", *known_sites(queues)]
    names = [name for name in known if only is None or name == only]
    totals = list[SiteTotal]()
    for begin in range(0, len(names), _SITES_AT_ONCE):
        part = names[begin : begin + _SITES_AT_ONCE]
        totals += queues.call_all([_site_total(name, today) for name in part])
    # The tracker's own site is not among the known sites. It is listed if it has views.
    shown = [total for total in totals if total.site or total.views]
    return sorted(shown, key=lambda total: (-total.views, total.site))


def known_sites(queues: RequestQueues) -> list[str]:
    """Return the names of all known sites. Raises BackendError."""
    names: list[str] = queues.call(
        Call(_KNOWN_SITES, (KNOWN_SITES,), (), lambda reply: [reply.decode().split()])
    )
    return names


def _site_total(site: str, today: date) -> Call[SiteTotal]:
    keys = (
        site_key(site),
        key_of(site, "pages"),
        key_of(site, f"views:{today}"),
        key_of(site, f"visitors:{today}"),
        key_of(site, f"more_visitors:{today}"),
    )
    return Call(
        _SITE_TOTAL, keys, (), lambda reply: [SiteTotal(site, *map(int, reply.split()))]
    )


def site_views(queues: RequestQueues, site: str, today: date) -> int:
    """Return the total views of a site. Raises BackendError."""
    total: SiteTotal = queues.call(_site_total(site, today))
    return total.views


def ranking(  # pylint: disable=too-many-arguments  # most are keyword-only
    queues: RequestQueues,
    site: str,
    *,
    search: str,
    limit: int,
    after: PageViews | None,
) -> Ranking:
    """Return the most viewed pages. Raises BackendError."""
    found: list[PageViews] = []
    while True:
        # One page more than the limit, to learn whether another part follows.
        call = _ranking(site, search, limit + 1 - len(found), after)
        part, after = queues.call(call)
        found += part
        if len(found) > limit:
            return Ranking(tuple(found[:limit]), found[limit - 1])
        if after is None:
            return Ranking(tuple(found), None)


def _ranking(
    site: str, text: str, wanted: int, after: PageViews | None
) -> Call[tuple[list[PageViews], PageViews | None]]:
    arguments: list[Argument] = [text.lower(), wanted, _PAGES_PER_SEARCH]
    if after is not None:
        arguments += (after.views, after.page.path)

    def parse(reply: list[bytes]) -> list[tuple[list[PageViews], PageViews | None]]:
        last, *found = [
            PageViews(Page(site, path.decode()), int(views)) if path else None
            for views, path in zip(reply[::2], reply[1::2], strict=True)
        ]
        return [([page for page in found if page], last)]

    return Call(_RANKING, (key_of(site, "pages"),), tuple(arguments), parse)


def history(queues: RequestQueues, site: str, days: Sequence[date]) -> list[DayTotal]:
    """Return the views and visitors of a site on each day. Raises BackendError."""
    totals: list[DayTotal] = []
    for begin in range(0, len(days), _DAYS_PER_CALL):
        totals += queues.call(_history(site, days[begin : begin + _DAYS_PER_CALL]))
    return totals


def _history(site: str, days: Sequence[date]) -> Call[list[DayTotal]]:
    kinds = ("views", "visitors", "more_visitors")
    keys = [key_of(site, f"{kind}:{day}") for day in days for kind in kinds]

    def parse(reply: bytes) -> list[list[DayTotal]]:
        numbers = [int(number) for number in reply.split()]
        return [list(map(DayTotal, days, numbers[::2], numbers[1::2]))]

    return Call(_HISTORY, tuple(keys), (), parse)


def page_history(queues: RequestQueues, page: Page, days: Sequence[date]) -> list[int]:
    """Return the views of a page on each of these days. Raises BackendError."""
    if not days:
        return []
    keys = tuple(key_of(page.site, f"day:{day}") for day in days)
    call = Call(
        _PAGE_HISTORY,
        keys,
        (page.path,),
        lambda reply: [list(map(int, reply.split()))],
    )
    views: list[int] = queues.call(call)
    return views


def ignored(
    queues: RequestQueues, site: str, days: Sequence[date]
) -> dict[Ignored, int]:
    """Return the ignored views of a site on these days, by reason.

    Raises BackendError.
    """

    def parse(reply: bytes) -> list[dict[Ignored, int]]:
        words, summed = reply.decode().split(), dict[Ignored, int]()
        for word, views in zip(words[::2], words[1::2], strict=True):
            reason = Ignored(word)
            summed[reason] = summed.get(reason, 0) + int(views)
        return [summed]

    if not days:
        return {}
    keys = tuple(key_of(site, f"ignored:{day}") for day in days)
    found: dict[Ignored, int] = queues.call(Call(_IGNORED, keys, (), parse))
    return found


def referrers(
    queues: RequestQueues, site: str, days: Sequence[date] | None
) -> dict[str, int]:
    """Return the views by referrer, of all time or on these days.

    Raises BackendError.
    """
    kinds = ["referrers"] if days is None else [f"referrers:{day}" for day in days]
    return sums_of(queues, [key_of(site, kind) for kind in kinds])


def page_views(
    queues: RequestQueues, site: str, days: Sequence[date]
) -> dict[str, int]:
    """Return the views of each page on these days. Raises BackendError."""
    return sums_of(queues, [key_of(site, f"day:{day}") for day in days])


def sizes_of(keys: Sequence[str]) -> Call[list[int]]:
    """Return the call that reads how many pages each of these sets of a site has."""
    return Call(_SIZES, tuple(keys), (), lambda reply: [list(map(int, reply.split()))])


def first_day(queues: RequestQueues, site: str, today: date) -> date | None:
    """Return the first day on which a site had views; None if it is not known.

    Raises BackendError.
    """
    days = kept_days(today)[::-1]

    def parse(reply: bytes) -> list[date | None]:
        stored, number = reply.decode().split()
        known = [] if stored == "-" else [date.fromisoformat(stored)]
        if int(number):
            known.append(days[int(number) - 1])
        return [min(known, default=None)]

    keys = key_of(site, "first_day"), *(key_of(site, f"views:{day}") for day in days)
    found: date | None = queues.call(Call(_FIRST_DAY, keys, (), parse))
    return found


def imports(queues: RequestQueues, site: str) -> dict[str, tuple[date, date] | None]:
    """Return the names of the imports of a site, with their first and last days.

    Raises BackendError.
    """

    def parse(reply: list[bytes]) -> list[dict[str, tuple[date, date] | None]]:
        texts = [text.decode() for text in reply]
        return [dict(zip(texts[::2], map(_span, texts[1::2]), strict=True))]

    call = Call(_IMPORTS, (key_of(site, "imports"),), (), parse)
    found: dict[str, tuple[date, date] | None] = queues.call(call)
    return found


def _span(stored: str) -> tuple[date, date] | None:
    """Return the days of an import: older versions stored only the ID of its run."""
    _, *days = stored.split()
    first_and_last = [date.fromisoformat(day) for day in days]
    return (first_and_last[0], first_and_last[1]) if first_and_last else None
