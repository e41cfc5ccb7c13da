"""What requests to the JSON API have in common: parameters and responses."""

import json
from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import TypeVar

from page_tracker.counting.model import FRONT_PAGE, RETENTION_DAYS, Page
from page_tracker.counting.naming import AS_STORED, Naming
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.parsing import parse_day, parse_number, quoted
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.counting.span import Span
from page_tracker.counting.stored_names import OWN_SITE
from page_tracker.web.handler import Services
from page_tracker.web.request import Parameters, Request, RequestError
from page_tracker.web.response import Response

T = TypeVar("T")


def respond(content: dict[str, object]) -> Response:
    """Return a response with this content as JSON."""
    return json_response(json.dumps(content))


def json_response(text: str) -> Response:
    """Return a response with a text that is JSON."""
    return Response(HTTPStatus.OK, f"{text}\n", "application/json")


def named(site: str, span: Span | None) -> dict[str, object]:
    """Return the site and the span of a response."""
    return {"site": site, "name": readable_host(site), **ends_of(span)}


def ends_of(span: Span | None) -> dict[str, object]:
    """Return the first and last day of a response, both None for all time."""
    return {
        "from": span and span.first.isoformat(),
        "to": span and span.last.isoformat(),
    }


def site_of_path(request: Request, services: Services) -> str:
    """Return the site in the path of a request. Raises RequestError."""
    return parse_site(request.path_segment(2), services.rules.naming)


def site_of_query(request: Request, services: Services) -> str | None:
    """Return the site that the query names; None for all. Raises RequestError."""
    name = request.query().get("site")
    return parse_site(name, services.rules.naming) if name else None


def parse_site(name: str, naming: Naming) -> str:
    """Return the site with this name. Raises RequestError."""
    if name == OWN_SITE:
        return FRONT_PAGE.site
    try:
        return naming.site(name)
    except PageNameError as error:
        raise bad_request("site", f"{error}, or ~ for the tracker's own site") from None


def parse_path(path: str, site: str) -> Page:
    """Return the page of a site with this path. Raises RequestError."""
    if not path.startswith("/"):
        raise bad_request("path", f"{quoted(path)} is not a path; allowed: / or /…")
    if site == FRONT_PAGE.site and path != FRONT_PAGE.path:
        raise bad_request(
            "path",
            f"{quoted(path)} is not a page of the tracker's own site; allowed: /",
        )
    try:
        return AS_STORED.own_page(f"{site}{path}")
    except PageNameError as error:
        raise bad_request("path", str(error)) from None


def read_span(query: Parameters, today: date) -> Span | None:
    """Return the days that a query names, as far as they are kept.

    They are from…to, the last days, or one day. Returns None if it names none. Raises
    RequestError.
    """
    first, last = _read(query, "from", parse_day), _read(query, "to", parse_day)
    days = read_number(query, "days", RETENTION_DAYS)
    day = _read(query, "day", parse_day)
    given = {"from": first, "days": days, "day": day}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise bad_request(
            names[1], f"is given beside {names[0]}; allowed: only one of them"
        )
    if last and not first:
        raise bad_request("to", "is given without from; allowed: both, or only from")
    if days:
        return Span.until(today, days)
    if first is None:
        return Span(day, day).as_kept(today) if day else None
    if last and first > last:
        raise bad_request("from", f"{first} is after {last}; allowed: a day until then")
    return Span(first, last or max(first, today)).as_kept(today)


def read_number(query: Parameters, name: str, maximum: int) -> int | None:
    """Return a whole number from 1; None if it is not given. Raises RequestError."""
    return _read(query, name, lambda text: parse_number(text, 1, maximum))


def _read(query: Parameters, name: str, parse: Callable[[str], T]) -> T | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise bad_request(name, str(error)) from None


def bad_request(name: str, reason: str) -> RequestError:
    """Return the error for a parameter with this name."""
    return RequestError(HTTPStatus.BAD_REQUEST, f"{name}: {reason}")
