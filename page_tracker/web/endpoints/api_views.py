"""Many views at once: POST /api/views counts them, GET /api/views reads them."""

import json
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from page_tracker.counting.model import FRONT_PAGE, Page, View
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.parsing import parse_day
from page_tracker.counting.rules import Rules
from page_tracker.counting.span import oldest_kept_day
from page_tracker.counting.stored_names import OWN_SITE
from page_tracker.web import errors
from page_tracker.web.endpoints.api_requests import bad_request, json_response, respond
from page_tracker.web.formats.json import numbers
from page_tracker.web.handler import Handler, Services
from page_tracker.web.json_body import idempotency_key, read_json
from page_tracker.web.request import NotCountedError, Request, RequestError
from page_tracker.web.response import Response
from page_tracker.web.same_origin import check_origin

_MAX_BYTES = 2**20
_MAX_VIEWS = 1000
_MAX_PAGES = 100
# A list of pages, and some more.
_MAX_PARAMETERS = 128
_MAX_VISITOR = 512
_OWN_PAGE = (OWN_SITE, f"{OWN_SITE}/")
_NAMES = ("page", "day", "from", "visitor")


def count(request: Request, services: Services) -> Response:
    """Count all views in the body, or none. Raises RequestError."""
    check_origin(request, services.rules)
    key = idempotency_key(request)
    if key is None:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "the Idempotency-Key is missing; allowed: a name of these views, such as a "
            "UUID, under which they count once",
        )
    document = read_json(request, _MAX_BYTES)
    rules, today = services.rules, services.rules.today()
    views = _Reader(rules, today).views(document)
    begun = _day_of_key(key, document, today, services)
    if begun != today:
        # Views without a day were of that day when they were first sent.
        views = _Reader(rules, begun).views(document)
    services.backend.record_batch(views, name=key, today=begun)
    return respond({"counted": len(views)})


def _day_of_key(
    key: str, document: dict[str, Any], today: date, services: Services
) -> date:
    """Return the day on which these views were first sent with the key.

    Raises RequestError if the key has been used for other views.
    """
    digest = sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    kept = services.backend.remember(f"views:{key}", f"{digest} {today}")
    known, _, begun = kept.partition(" ")
    if known != digest:
        raise RequestError(
            HTTPStatus.CONFLICT,
            "the Idempotency-Key was used for other views; allowed: a new one",
        )
    return date.fromisoformat(begun)


class _Reader:
    """Reads views from a document. Raises RequestError."""

    def __init__(self, rules: Rules, today: date) -> None:
        self._rules = rules
        self._today = today
        self._oldest = oldest_kept_day(today)

    def views(self, document: dict[str, Any]) -> list[View]:
        """Return the views of a document."""
        found = document.get("views")
        if document.keys() != {"views"} or not isinstance(found, list):
            raise bad_request("views", "is missing, or not alone; allowed: a list")
        if not 1 <= len(found) <= _MAX_VIEWS:
            raise bad_request(
                "views", f"has {len(found)} views; allowed: from 1 to {_MAX_VIEWS}"
            )
        return [self._view(index, each) for index, each in enumerate(found)]

    def _view(self, index: int, found: object) -> View:
        name = "page"
        try:
            if not isinstance(found, dict):
                raise ValueError("is not an object; allowed: an object with a page")
            for name, value in found.items():
                if name not in _NAMES:
                    raise ValueError(f"is not known; allowed: {', '.join(_NAMES)}")
                if not isinstance(value, str):
                    raise ValueError("is not a text; allowed: a text")
            name = "page"
            page = self._page(found.get("page", ""))
            name = "day"
            day = self._day(found["day"]) if "day" in found else self._today
            name = "visitor"
            return View(page, day, self._visitor(found), None, self._from(found, page))
        except (PageNameError, ValueError) as error:
            raise bad_request(f"views[{index}].{name}"[:60], str(error)) from None

    def _page(self, name: str) -> Page:
        return page_of(name, self._rules)

    def _day(self, text: str) -> date:
        day = parse_day(text)
        if not self._oldest <= day <= self._today:
            raise ValueError(
                f"{day} is not allowed; allowed: from {self._oldest} to {self._today}"
            )
        return day

    def _visitor(self, found: dict[str, str]) -> str | None:
        visitor = found.get("visitor")
        if visitor is not None and not 1 <= len(visitor) <= _MAX_VISITOR:
            raise ValueError(f"is too long; allowed: 1 to {_MAX_VISITOR} characters")
        return visitor

    def _from(self, found: dict[str, str], page: Page) -> str | None:
        origin = found.get("from")
        if not origin or not self._rules.referrers:
            return None
        return self._rules.naming.referrer(origin, page.site)


def read(request: Request, services: Services) -> Response:
    """Return the numbers of up to 100 pages. Raises RequestError."""
    return json_response(tallies_json(pages_of_query(request), services))


def pages_of_query(request: Request) -> list[str]:
    """Return the names of all pages in a query. Raises RequestError."""
    return request.query(_MAX_PARAMETERS).all("page")


def tallies_json(names: list[str], services: Services) -> str:
    """Return the numbers of pages, in the order of their names. Raises RequestError."""
    if not 1 <= len(names) <= _MAX_PAGES:
        raise bad_request(
            "page", f"is given {len(names)} times; allowed: from 1 to {_MAX_PAGES}"
        )
    try:
        pages = [page_of(name, services.rules) for name in names]
    except PageNameError as error:
        raise bad_request("page", str(error)) from None
    found = services.backend.tallies(pages, services.rules.today())
    shown = [numbers(page, tally) for page, tally in zip(pages, found, strict=True)]
    return json.dumps({"views": shown})


def page_of(name: str, rules: Rules) -> Page:
    """Return the page that this name denotes. Raises PageNameError, NotCountedError."""
    if not name:
        raise PageNameError("is missing; allowed: a name such as example.com/blog/post")
    page = FRONT_PAGE if name in _OWN_PAGE else rules.naming.own_page(name)
    if page.site and not rules.counts(page.site):
        raise NotCountedError(page.site)
    return page


COUNT = Handler(count, errors.as_json)
READ = Handler(read, errors.as_json)
