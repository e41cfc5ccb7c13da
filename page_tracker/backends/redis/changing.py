"""Changes that the owner of a site makes. Each of them is one atomic step.

Each change has a unique name, which Redis keeps with the site. So a change that is sent
again after a lost reply does not affect views that were counted in the meantime.
"""

from datetime import date, timedelta
from uuid import uuid4

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis.keys import (
    KNOWN_SITES,
    import_key,
    key_of,
    site_key,
    staged_key,
)
from page_tracker.backends.redis.script_calls import Call, Script, parse_integer
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS, Limits, Page

_SET_VIEWS = Script("set_views.lua")
_DELETE_PAGE, _DELETE_SITE = Script("delete_page.lua"), Script("delete_site.lua")
_FORGET_SITE = Script("forget_site.lua")

_OF_SITE = (
    *("seen", "imports", "first_day", "merging"),
    *("referrers", "import_referrers"),
)
_OF_DAY = ("day", "views", "visitors", "more_visitors", "ignored", "referrers")


def set_views(page: Page, views: int, limits: Limits) -> Call[int]:
    """Return the call that sets the views of a page. Its result is their old number."""
    limit = limits.pages_per_site

    def parse(reply: bytes) -> list[int | LimitReachedError]:
        if reply == b"-":
            return [LimitReachedError.of_pages(page.site, limit)]
        return [int(reply)]

    return Call(
        _SET_VIEWS,
        _keys_of_change(page.site),
        (page.path, views, limit, int(is_whole_site(page))),
        parse,
    )


def delete_page(page: Page, today: date) -> Call[int]:
    """Return the call that deletes a page. Its result is the number of its views."""
    keys = [*_keys_of_change(page.site)]
    for day in kept_days(today):
        keys += (key_of(page.site, f"day:{day}"), key_of(page.site, f"views:{day}"))
    return Call(
        _DELETE_PAGE, tuple(keys), (page.path, int(is_whole_site(page))), parse_integer
    )


def delete_site(site: str, today: date) -> Call[int]:
    """Return the call that deletes the counts of a site. Its result is its views."""
    keys = [*_keys_of_change(site)]
    keys += [key_of(site, what) for what in _OF_SITE]
    for day in kept_days(today):
        keys += [key_of(site, f"{what}:{day}") for what in _OF_DAY]
        keys.append(staged_key(site, f"day:{day}"))
    keys += (staged_key(site, "pages"), staged_key(site, "replaced"))
    return Call(_DELETE_SITE, tuple(keys), (), parse_integer)


def forget_site(site: str) -> Call[int]:
    """Return the call that removes a site from the known sites."""
    return Call(_FORGET_SITE, (KNOWN_SITES,), (site,), parse_integer)


def kept_days(today: date) -> list[date]:
    """Return the days that Redis may have counts of.

    They include tomorrow, because another time zone may already have that date.
    """
    return [today - timedelta(days=ago) for ago in range(-1, RETENTION_DAYS + 1)]


def is_whole_site(page: Page) -> bool:
    """Return whether the page is the only one of its site, so both share one number."""
    return page == FRONT_PAGE


def change_key(site: str) -> str:
    """Return the key of the reply to a new change."""
    return key_of(site, f"change:{uuid4().hex}")


def _keys_of_change(site: str) -> tuple[str, ...]:
    """Return the first keys of a change. It ends an import that is running."""
    return change_key(site), site_key(site), key_of(site, "pages"), import_key(site)
