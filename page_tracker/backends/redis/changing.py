"""What the owner of a site changes in Redis, each time in one step.

Each change has a name of its own, kept beside what it changes: sent again, because its
reply was lost, it is not done again to what was counted since.
"""

from datetime import date, timedelta
from uuid import uuid4

from page_tracker.backends.protocol import LimitReachedError
from page_tracker.backends.redis.keys import KNOWN_SITES, key_of, site_key
from page_tracker.backends.redis.script_calls import Call, Script, number
from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS, Limits, Page

_SET_VIEWS = Script("set_views.lua")
_DELETE_PAGE, _DELETE_SITE = Script("delete_page.lua"), Script("delete_site.lua")
_FORGET_SITE = Script("forget_site.lua")


def set_views(page: Page, views: int, limits: Limits) -> Call[int]:
    """Let a page have so many views; read how many it had."""
    most = limits.pages_per_site

    def read(reply: bytes) -> list[int | LimitReachedError]:
        if reply == b"-":
            return [LimitReachedError.of_pages(page.site, most)]
        return [int(reply)]

    return Call(
        _SET_VIEWS,
        (_done(page.site), site_key(page.site), key_of(page.site, "pages")),
        (page.path, views, most, int(is_whole(page))),
        read,
    )


def delete_page(page: Page, today: date) -> Call[int]:
    """Forget a page; read how many views it had."""
    keys = [_done(page.site), site_key(page.site), key_of(page.site, "pages")]
    for day in kept_days(today):
        keys += (key_of(page.site, f"day:{day}"), key_of(page.site, f"views:{day}"))
    return Call(_DELETE_PAGE, tuple(keys), (page.path, int(is_whole(page))), number)


def delete_site(site: str, today: date) -> Call[int]:
    """Forget all of a site; read how many views it had."""
    keys = [_done(site), site_key(site)]
    keys += [key_of(site, what) for what in ("pages", "seen", "imports")]
    for day in kept_days(today):
        for what in ("day", "views", "visitors", "ignored"):
            keys.append(key_of(site, f"{what}:{day}"))
    return Call(_DELETE_SITE, tuple(keys), (), number)


def forget_site(site: str) -> Call[int]:
    """Take a site from those that are known."""
    return Call(_FORGET_SITE, (KNOWN_SITES,), (site,), number)


def kept_days(today: date) -> list[date]:
    """Return the days that may be kept: where today is yet to come, it is tomorrow."""
    return [today - timedelta(days=ago) for ago in range(-1, RETENTION_DAYS + 1)]


def is_whole(page: Page) -> bool:
    """Tell whether a page is all of its site: its views are the site's, then."""
    return page == FRONT_PAGE


def _done(site: str) -> str:
    return key_of(site, f"change:{uuid4().hex}")
