"""The JSON API of the dashboard: sites, pages, daily totals and ignored views."""

import json
import re
from datetime import date, timedelta
from http import HTTPStatus

from page_tracker.counting.model import (
    FRONT_PAGE,
    MAX_VIEWS,
    RETENTION_DAYS,
    Ignored,
    Page,
    PageViews,
)
from page_tracker.counting.naming import Naming
from page_tracker.counting.page_names import PageNameError, escaped
from page_tracker.counting.parsing import parse_day, parse_number, quoted
from page_tracker.counting.rules import Rules
from page_tracker.web import errors
from page_tracker.web.formats.json import totals_json
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Parameters, Request, RequestError
from page_tracker.web.response import Response

# The tracker's own site in paths and queries. No host can have this name.
_OWN_SITE = "~"
_DEFAULT_DAYS = 30


def sites(_request: Request, services: Services) -> Response:
    """Return the totals of each site, the most viewed first."""
    today = services.rules.today()
    return _json_response(totals_json(today, services.backend.sites(today)))


def pages(request: Request, services: Services) -> Response:
    """Return the most viewed pages of a site, of all time or of one day."""
    site = _parse_site(request.path_segment(2), services.rules.naming)
    query = request.query()
    day = _read_day(query)
    ranking = services.backend.pages(
        site,
        day=day,
        search=escaped(query.get("search") or ""),
        limit=_read_number(query, "limit", 1000, 50),
        after=_read_cursor(query, site),
    )
    shown = [
        {"page": str(ranked.page), "path": ranked.page.path, "views": ranked.views}
        for ranked in ranking.pages
    ]
    last = ranking.next
    return _respond(
        {
            "site": site,
            "day": day and day.isoformat(),
            "pages": shown,
            "next": last and f"{last.views}{last.page.path}",
        }
    )


def history(request: Request, services: Services) -> Response:
    """Return the views and visitors of a site by day, the oldest day first."""
    site = _parse_site(request.path_segment(2), services.rules.naming)
    days = _last_days(services.rules, _read_days(request.query()))
    shown = [
        {"day": had.day.isoformat(), "views": had.views, "visitors": had.visitors}
        for had in services.backend.history(site, days)
    ]
    return _respond({"site": site, "days": shown})


def ignored(request: Request, services: Services) -> Response:
    """Return the number of ignored views on the last days, by site and reason."""
    query = request.query()
    days = _read_days(query)
    dates = _last_days(services.rules, days)
    named = query.get("site")
    known = (
        [_parse_site(named, services.rules.naming)]
        if named
        else [total.site for total in services.backend.sites(dates[-1])]
    )
    shown = []
    for site in known:
        by_reason = services.backend.ignored(site, dates)
        counts = {reason.value: by_reason.get(reason, 0) for reason in Ignored}
        shown.append({"site": site, "ignored": counts})
    return _respond({"days": days, "sites": shown})


SITES = Handler(sites, errors.as_json)
PAGES = Handler(pages, errors.as_json)
HISTORY = Handler(history, errors.as_json)
IGNORED = Handler(ignored, errors.as_json)


def _respond(
    content: dict[str, object],
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return _json_response(json.dumps(content), status, headers)


def _json_response(
    text: str,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(status, f"{text}\n", "application/json", headers)


def _parse_site(name: str, naming: Naming) -> str:
    if name == _OWN_SITE:
        return FRONT_PAGE.site
    try:
        return naming.site(name)
    except PageNameError as error:
        raise _bad_request(
            "site", f"{error}, or ~ for the tracker's own site"
        ) from None


def _read_day(query: Parameters) -> date | None:
    text = query.get("day")
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise _bad_request("day", str(error)) from None


def _read_days(query: Parameters) -> int:
    return _read_number(query, "days", RETENTION_DAYS, _DEFAULT_DAYS)


def _last_days(rules: Rules, days: int) -> list[date]:
    today = rules.today()
    return [today - timedelta(days=ago) for ago in reversed(range(days))]


def _read_number(query: Parameters, name: str, maximum: int, default: int) -> int:
    text = query.get(name)
    if not text:
        return default
    try:
        return parse_number(text, 1, maximum)
    except ValueError as error:
        raise _bad_request(name, str(error)) from None


def _read_cursor(query: Parameters, site: str) -> PageViews | None:
    text = query.get("cursor")
    if not text:
        return None
    found = re.fullmatch("([0-9]{1,16})(/.*)", text, re.DOTALL)
    if found is None or int(found[1]) > MAX_VIEWS:
        raise _bad_request(
            "cursor",
            f"{quoted(text)} is not a cursor; "
            "allowed: the value of next in the previous response",
        )
    return PageViews(Page(site, found[2]), int(found[1]))


def _bad_request(name: str, reason: str) -> RequestError:
    return RequestError(HTTPStatus.BAD_REQUEST, f"{name}: {reason}")
