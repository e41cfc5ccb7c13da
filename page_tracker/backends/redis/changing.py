"""Changes that the owner of a site makes. Each of them is one atomic step.

Each change has a unique name, which Redis keeps with the site. So a change that is sent
again after a lost reply does not affect views that were counted in the meantime.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from page_tracker.backends.protocol import (
    BackendError,
    LimitReachedError,
    TooFewViewsError,
)
from page_tracker.backends.redis.keys import (
    KNOWN_SITES,
    import_key,
    key_of,
    site_key,
    staged_key,
)
from page_tracker.backends.redis.script_calls import (
    Argument,
    Call,
    Script,
    parse_integer,
)
from page_tracker.counting.model import (
    FRONT_PAGE,
    RETENTION_DAYS,
    Limits,
    Numbers,
    Page,
)

_SET_VIEWS, _ADD_VIEWS = Script("set_views.lua"), Script("add_views.lua")
_DELETE_PAGE, _DELETE_SITE = Script("delete_page.lua"), Script("delete_site.lua")
_FORGET_SITE, _REMEMBER = Script("forget_site.lua"), Script("remember.lua")

_OF_SITE = (
    *("seen", "imports", "first_day", "merging"),
    *("referrers", "import_referrers", "shares"),
)
_OF_DAY = ("day", "views", "visitors", "more_visitors", "ignored", "referrers")


def set_views(page: Page, views: int, limits: Limits, change: str | None) -> Call[int]:
    """Return the call that sets the views of a page. Its result is their old number."""
    limit = limits.pages_per_site

    def parse(reply: bytes) -> list[int | LimitReachedError]:
        if reply == b"-":
            return [LimitReachedError.of_pages(page.site, limit)]
        return [int(reply)]

    return Call(
        _SET_VIEWS,
        _keys_of_change(page.site, change),
        (page.path, views, limit, int(is_whole_site(page))),
        parse,
    )


def add_views(
    page: Page, views: int, day: date | None, limits: Limits, change: str | None
) -> Call[Numbers]:
    """Return the call that adds views to a page. Its result is the numbers before."""
    limit = limits.pages_per_site
    keys = *_keys_of_change(page.site, change), key_of(page.site, "first_day")
    arguments: tuple[Argument, ...] = (
        *(page.path, views, limit),
        int(is_whole_site(page)),
    )
    if day is not None:
        keys += key_of(page.site, f"views:{day}"), key_of(page.site, f"day:{day}")
        arguments += day.isoformat(), expiry_time(day)

    def parse(reply: bytes) -> list[Numbers | BackendError]:
        match reply.decode().split():
            case ["-"]:
                return [LimitReachedError.of_pages(page.site, limit)]
            case ["few", what, number]:
                on = day if what == "day" else None
                return [TooFewViewsError.of(page, int(number), on)]
            case numbers:
                return [Numbers(*map(int, numbers))]

    return Call(_ADD_VIEWS, keys, arguments, parse)


def delete_page(page: Page, today: date, change: str | None) -> Call[int]:
    """Return the call that deletes a page. Its result is the number of its views."""
    keys = [*_keys_of_change(page.site, change)]
    for day in kept_days(today):
        keys += (key_of(page.site, f"day:{day}"), key_of(page.site, f"views:{day}"))
    return Call(
        _DELETE_PAGE, tuple(keys), (page.path, int(is_whole_site(page))), parse_integer
    )


def delete_site(site: str, today: date, change: str | None) -> Call[int]:
    """Return the call that deletes the counts of a site. Its result is its views."""
    keys = [*_keys_of_change(site, change)]
    keys += [key_of(site, what) for what in _OF_SITE]
    for day in kept_days(today):
        keys += [key_of(site, f"{what}:{day}") for what in _OF_DAY]
        keys.append(staged_key(site, f"day:{day}"))
    keys += (staged_key(site, "pages"), staged_key(site, "replaced"))
    return Call(_DELETE_SITE, tuple(keys), (), parse_integer)


def forget_site(site: str) -> Call[int]:
    """Return the call that removes a site from the known sites."""
    return Call(_FORGET_SITE, (KNOWN_SITES,), (site,), parse_integer)


def remember(name: str, text: str, instead_of: str | None) -> Call[str]:
    """Return the call that keeps a text under a name. Its result is the kept text."""
    # The key belongs to the tracker's own site, so it cannot collide with another site.
    keys = (key_of(FRONT_PAGE.site, f"answer:{name}"),)
    return Call(
        _REMEMBER, keys, (text, instead_of or ""), lambda reply: [reply.decode()]
    )


def kept_days(today: date) -> list[date]:
    """Return the days that Redis may have counts of.

    They include tomorrow, because another time zone may already have that date.
    """
    return [today - timedelta(days=ago) for ago in range(-1, RETENTION_DAYS + 1)]


def expiry_time(day: date) -> int:
    """Return the Unix time at which the counts of a day expire."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int((end + timedelta(days=RETENTION_DAYS + 1)).timestamp())


def is_whole_site(page: Page) -> bool:
    """Return whether the page is the only one of its site, so both share one number."""
    return page == FRONT_PAGE


def change_key(site: str, change: str | None = None) -> str:
    """Return the key of the reply to a change, or to a new one without a name."""
    return key_of(site, f"change:{change or uuid4().hex}")


def _keys_of_change(site: str, change: str | None) -> tuple[str, ...]:
    """Return the first keys of a change. It ends an import that is running."""
    return (
        change_key(site, change),
        site_key(site),
        key_of(site, "pages"),
        import_key(site),
    )
