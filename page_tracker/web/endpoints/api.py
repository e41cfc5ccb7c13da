"""The JSON API behind the dashboard: sites, their pages, and their days."""

import json
import re
from datetime import date, timedelta
from http import HTTPStatus

from page_tracker.counting.ignored_views import Ignored
from page_tracker.counting.model import (
    FRONT_PAGE,
    MOST_VIEWS,
    RETENTION_DAYS,
    Page,
    PageViews,
)
from page_tracker.counting.page_names import PageNameError, escaped, parse_site
from page_tracker.counting.parsing import parse_day, parse_number, quoted
from page_tracker.counting.rules import Rules
from page_tracker.web import errors
from page_tracker.web.formats.json import totals_json
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Parameters, Request, RequestError
from page_tracker.web.response import Response

# The tracker's own site in paths and queries. No host can have this name.
_OWN_SITE = "~"
_USUAL_DAYS = 30


def sites(_request: Request, services: Services) -> Response:
    """Return the totals of each site, the most viewed first."""
    today = services.rules.today()
    return _json(totals_json(today, services.backend.sites(today)))


def pages(request: Request, services: Services) -> Response:
    """Return the most viewed pages of a site, of all time or of one day."""
    site = _site(request.path_segment(2))
    query = request.query()
    day = _day(query)
    ranking = services.backend.pages(
        site,
        day=day,
        search=escaped(query.get("search") or ""),
        limit=_number(query, "limit", 1000, 50),
        after=_cursor(query, site),
    )
    shown = [
        {"page": str(ranked.page), "path": ranked.page.path, "views": ranked.views}
        for ranked in ranking.pages
    ]
    last = ranking.next
    return _show(
        {
            "site": site,
            "day": day and day.isoformat(),
            "pages": shown,
            "next": last and f"{last.views}{last.page.path}",
        }
    )


def history(request: Request, services: Services) -> Response:
    """Return the views and visitors of a site by day, the oldest day first."""
    site = _site(request.path_segment(2))
    days = _last_days(services.rules, _days(request.query()))
    shown = [
        {"day": had.day.isoformat(), "views": had.views, "visitors": had.visitors}
        for had in services.backend.history(site, days)
    ]
    return _show({"site": site, "days": shown})


def ignored(request: Request, services: Services) -> Response:
    """Return how many views were ignored on the last days, by site and reason."""
    query = request.query()
    days = _days(query)
    span = _last_days(services.rules, days)
    named = query.get("site")
    known = (
        [_site(named)]
        if named
        else [total.site for total in services.backend.sites(span[-1])]
    )
    shown = []
    for site in known:
        by_reason = services.backend.ignored(site, span)
        counts = {reason.value: by_reason.get(reason, 0) for reason in Ignored}
        shown.append({"site": site, "ignored": counts})
    return _show({"days": days, "sites": shown})


SITES = Handler(sites, errors.as_json)
PAGES = Handler(pages, errors.as_json)
HISTORY = Handler(history, errors.as_json)
IGNORED = Handler(ignored, errors.as_json)


def _show(
    content: dict[str, object],
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return _json(json.dumps(content), status, headers)


def _json(
    text: str,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(status, f"{text}\n", "application/json", headers)


def _site(name: str) -> str:
    if name == _OWN_SITE:
        return FRONT_PAGE.site
    try:
        return parse_site(name)
    except PageNameError as error:
        raise _wrong("site", f"{error}, or ~ for the tracker's own site") from None


def _day(query: Parameters) -> date | None:
    text = query.get("day")
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise _wrong("day", str(error)) from None


def _days(query: Parameters) -> int:
    return _number(query, "days", RETENTION_DAYS, _USUAL_DAYS)


def _last_days(rules: Rules, days: int) -> list[date]:
    today = rules.today()
    return [today - timedelta(days=ago) for ago in reversed(range(days))]


def _number(query: Parameters, name: str, most: int, usual: int) -> int:
    text = query.get(name)
    if not text:
        return usual
    try:
        return parse_number(text, 1, most)
    except ValueError as error:
        raise _wrong(name, str(error)) from None


def _cursor(query: Parameters, site: str) -> PageViews | None:
    text = query.get("cursor")
    if not text:
        return None
    found = re.fullmatch("([0-9]{1,16})(/.*)", text, re.DOTALL)
    if found is None or int(found[1]) > MOST_VIEWS:
        raise _wrong(
            "cursor",
            f"{quoted(text)}; allowed: the value of next in the previous answer",
        )
    return PageViews(Page(site, found[2]), int(found[1]))


def _wrong(name: str, what: str) -> RequestError:
    return RequestError(HTTPStatus.BAD_REQUEST, f"{name}: {what}")
