"""The JSON API of the dashboard: sites, their history by day, and ignored views."""

from page_tracker.counting.model import Ignored, with_front_page
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.counting.span import Span
from page_tracker.web import errors
from page_tracker.web.endpoints.api_requests import (
    ends_of,
    json_response,
    named,
    parse_path,
    read_span,
    respond,
    site_of_path,
    site_of_query,
)
from page_tracker.web.formats.json import totals_json
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request
from page_tracker.web.response import Response

_DEFAULT_DAYS = 30


def sites(request: Request, services: Services) -> Response:
    """Return the totals of each site, the most viewed first, or of one site."""
    one, today = site_of_query(request, services), services.rules.today()
    # Everybody may read a public site, so this must not read all others.
    return json_response(totals_json(today, services.backend.sites(today, one)))


def history(request: Request, services: Services) -> Response:
    """Return the views of a site or of a page by day, the oldest day first."""
    site = site_of_path(request, services)
    query, today = request.query(), services.rules.today()
    span = read_span(query, today) or Span.until(today, _DEFAULT_DAYS)
    path = query.get("path")
    if path:
        return _history_of_page(site, path, span, services)
    first_day = services.backend.first_day(site, today)
    shown = [
        {"day": had.day.isoformat(), "views": had.views, "visitors": had.visitors}
        for had in services.backend.history(site, span.days)
    ]
    first = {"first_day": first_day and first_day.isoformat()}
    return respond({**named(site, span), **first, "days": shown})


def _history_of_page(site: str, path: str, span: Span, services: Services) -> Response:
    page = parse_path(path, site)
    views = services.backend.page_history(page, span.days)
    tally = services.backend.tally(page, services.rules.today())
    tally = with_front_page(tally, page)
    shown = [
        {"day": day.isoformat(), "views": number}
        for day, number in zip(span.days, views, strict=True)
    ]
    of_page: dict[str, object] = {
        "page": str(page),
        "path": page.path,
        "views": tally.page_views,
        "site_views": tally.site_views,
    }
    return respond({**named(site, span), **of_page, "days": shown})


def ignored(request: Request, services: Services) -> Response:
    """Return the number of ignored views in a span, by site and reason."""
    query, today = request.query(), services.rules.today()
    span = read_span(query, today) or Span.until(today, _DEFAULT_DAYS)
    one = site_of_query(request, services)
    known = (
        [one]
        if one is not None
        else [total.site for total in services.backend.sites(today)]
    )
    shown = []
    for site in known:
        by_reason = services.backend.ignored(site, span.days)
        counts = {reason.value: by_reason.get(reason, 0) for reason in Ignored}
        shown.append({"site": site, "name": readable_host(site), "ignored": counts})
    return respond({**ends_of(span), "sites": shown})


SITES = Handler(sites, errors.as_json)
HISTORY = Handler(history, errors.as_json)
IGNORED = Handler(ignored, errors.as_json)
