"""The rankings of the JSON API: the pages of a site, and where its views came from."""

import re
from collections.abc import Callable

from page_tracker.counting.model import FRONT_PAGE, MAX_VIEWS, Page, PageViews, Ranking
from page_tracker.counting.page_names import escaped
from page_tracker.counting.parsing import quoted
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.web import errors
from page_tracker.web.endpoints.api_requests import (
    bad_request,
    named,
    read_number,
    read_span,
    respond,
    site_of_path,
)
from page_tracker.web.handler import Handler, Services
from page_tracker.web.rankings import Ranked
from page_tracker.web.request import Parameters, Request
from page_tracker.web.response import Response

_DEFAULT_LIMIT, _MAX_LIMIT = 50, 1000


def pages(request: Request, services: Services) -> Response:
    """Return the most viewed pages of a site, in a span or of all time."""
    site = site_of_path(request, services)
    query, today = request.query(), services.rules.today()
    span = read_span(query, today)
    search = escaped(query.get("search") or "")
    limit, after = _read_limit(query), _read_cursor(query)
    if span is None:
        position = after and PageViews(Page(site, after[0]), after[1])
        ranked = _ranked(
            services.backend.pages(site, search=search, limit=limit, after=position)
        )
        views = services.backend.tally(Page(site, FRONT_PAGE.path), today).site_views
    else:
        ranking = services.rankings.pages(site, span, today)
        ranked = ranking.part(_containing(search.lower()), limit, after)
        views = ranking.views
    shown = [
        {"page": f"{site}{path}", "path": path, "views": number}
        for path, number in ranked.rows
    ]
    content = {"views": views, "pages": shown, "next": _cursor_after(ranked)}
    return respond({**named(site, span), **content})


def referrers(request: Request, services: Services) -> Response:
    """Return the hosts that most views of a site came from."""
    site = site_of_path(request, services)
    query, today = request.query(), services.rules.today()
    span = read_span(query, today)
    search = (query.get("search") or "").lower()
    limit, after = _read_limit(query), _read_cursor(query)
    ranking = services.rankings.referrers(site, span, today)
    ranked = ranking.part(
        lambda name: search in name or search in readable_host(name),
        limit,
        after and (after[0].removeprefix("/"), after[1]),
    )
    content = {
        "views": ranking.views,
        "unknown": ranking.unknown,
        "others": ranking.others,
        "recorded": services.rules.referrers,
        "referrers": [
            {"referrer": name, "name": readable_host(name), "views": views}
            for name, views in ranked.rows
        ],
        "next": _cursor_after(ranked),
    }
    return respond({**named(site, span), **content})


PAGES = Handler(pages, errors.as_json)
REFERRERS = Handler(referrers, errors.as_json)


def _ranked(ranking: Ranking) -> Ranked:
    rows = [(ranked.page.path, ranked.views) for ranked in ranking.pages]
    return Ranked(rows, ranking.next is not None)


def _containing(text: str) -> Callable[[str], bool] | None:
    return (lambda name: text in name.lower()) if text else None


def _read_limit(query: Parameters) -> int:
    return read_number(query, "limit", _MAX_LIMIT) or _DEFAULT_LIMIT


def _read_cursor(query: Parameters) -> tuple[str, int] | None:
    """Return the name and the views after which a ranking goes on."""
    text = query.get("cursor")
    if not text:
        return None
    found = re.fullmatch("([0-9]{1,16})(/.*)", text, re.DOTALL)
    if found is None or int(found[1]) > MAX_VIEWS:
        raise bad_request(
            "cursor",
            f"{quoted(text)} is not a cursor; "
            "allowed: the value of next in the previous response",
        )
    return found[2], int(found[1])


def _cursor_after(ranked: Ranked) -> str | None:
    if not ranked.goes_on:
        return None
    name, views = ranked.rows[-1]
    # A host may begin with a digit.
    return f"{views}{name}" if name.startswith("/") else f"{views}/{name}"
