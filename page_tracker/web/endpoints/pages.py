"""Views of any page: counted and shown, or only shown, in each of the formats."""

import re
from collections.abc import Callable
from http import HTTPStatus

from page_tracker.backends.protocol import CounterBackend
from page_tracker.counting.local_hosts import is_local
from page_tracker.counting.model import Page, Tally
from page_tracker.counting.naming import Naming
from page_tracker.counting.page_names import PageNameError
from page_tracker.counting.rules import Rules
from page_tracker.counting.span import Span
from page_tracker.counting.visitors import view_of
from page_tracker.web import cross_origin, errors
from page_tracker.web.endpoints.api_views import pages_of_query, tallies_json
from page_tracker.web.formats import JSON, Format
from page_tracker.web.formats.badge_options import OptionError, check_names
from page_tracker.web.formats.show import Show
from page_tracker.web.handler import Handler, Methods, Services
from page_tracker.web.request import NotCountedError, Parameters, Request, RequestError
from page_tracker.web.response import Response

PageOf = Callable[[Request, Parameters, Naming], Page]

# The same rules as those of CountAPI and Abacus.
_NAMESPACE_AND_KEY = re.compile(
    "/(?:hit|get)/([\\w.-]{3,63})/([\\w.-]{3,64})", re.ASCII
)


def counting(format_: Format, page_of: PageOf) -> Methods:
    """Return the handlers that count a view on GET and POST, and show the tally."""
    pages = _Pages(format_, page_of)
    count = Handler(pages.count, pages.failure)
    return {
        "GET": count,
        "HEAD": Handler(pages.preview, pages.failure),
        "POST": count,
        "OPTIONS": cross_origin.preflight("GET", "HEAD", "POST"),
    }


def reading(format_: Format, page_of: PageOf) -> Methods:
    """Return the handlers that show the tally, and count nothing."""
    pages = _Pages(format_, page_of)
    read = Handler(pages.read, pages.failure)
    return {"GET": read, "HEAD": read, "OPTIONS": cross_origin.preflight("GET", "HEAD")}


def named_by_parameter(
    _request: Request, parameters: Parameters, naming: Naming
) -> Page:
    """Return the page that the parameter "page" names. Raises RequestError."""
    name = parameters.get("page")
    if not name:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "page is missing; allowed: a name such as example.com/blog/post, or a URL, "
            "in the query or in a form (application/x-www-form-urlencoded)",
        )
    try:
        return naming.page(name)
    except PageNameError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"page: {error}") from None


def named_by_path(request: Request, _parameters: Parameters, naming: Naming) -> Page:
    """Return the page that a namespace and a key name. Raises RequestError."""
    found = _NAMESPACE_AND_KEY.fullmatch(request.path)
    if found is None:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            "namespace or key is not valid; allowed: 3 to 63 characters for the "
            "namespace and 3 to 64 for the key, of A-Z a-z 0-9 _ . -",
        )
    try:
        return naming.page(f"{found[1]}/{found[2]}")
    except PageNameError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"namespace: {error}") from None


class _Pages:
    """Handlers for one format, and for one way to name a page."""

    def __init__(self, format_: Format, page_of: PageOf) -> None:
        self._format = format_
        self._page_of = page_of

    def count(self, request: Request, services: Services) -> Response:
        """Count a view, and show the tally with it.

        The parameter "host" says where the page is viewed. A local host counts nothing.
        The parameter "from" says where the reader came from. If it is wrong, that is
        not known, but the view counts.
        """
        parameters = request.parameters()
        host = parameters.get("host")
        if host is not None and is_local(host):
            return self._show(request, parameters, services, cross_origin.LOCAL)
        page, show = self._prepare(request, parameters, services.rules)
        client = request.client(services.rules.trusted_proxies)
        view = view_of(page, client, services.rules, parameters.get_only("from"))
        tally = services.backend.record(view)
        body = _draw(show, page, tally, services)
        return self._respond(body, cross_origin.headers_of_count(tally))

    def preview(self, request: Request, services: Services) -> Response:
        """Show the current tally, with the cache headers of a count."""
        return self._show(
            request, request.parameters(), services, cross_origin.UNCACHED
        )

    def read(self, request: Request, services: Services) -> Response:
        """Show the current tally. Clients may cache it for rules.read_cache_s.

        The JSON of several pages is that of each of them.
        """
        headers = cross_origin.headers_of_reading(services.rules.read_cache_s)
        names = pages_of_query(request) if self._format is JSON else []
        if len(names) > 1:
            return self._respond(f"{tallies_json(names, services)}\n", headers)
        return self._show(request, request.parameters(), services, headers)

    def _show(
        self,
        request: Request,
        parameters: Parameters,
        services: Services,
        headers: dict[str, str],
    ) -> Response:
        page, show = self._prepare(request, parameters, services.rules)
        tally = services.backend.tally(page, services.rules.today())
        return self._respond(_draw(show, page, tally, services), headers)

    def failure(
        self, request: Request, _backend: CounterBackend, error: Exception
    ) -> Response:
        """Return an error in the requested format and style."""
        status, reason = errors.explain(error)
        try:
            # The body may have caused the error, and cannot be read twice.
            body = self._format.failure(reason, request.query().get)
        except (OptionError, RequestError):
            body = self._format.failure(reason, lambda _: None)
        headers = self._format.headers | cross_origin.UNCACHED
        headers |= errors.headers_of(status, error)
        sent_as = None
        if self._format.is_image:
            headers |= cross_origin.error_header(reason)
            sent_as = HTTPStatus.OK
        return Response(status, body, self._format.media_type, headers, sent_as=sent_as)

    def _prepare(
        self, request: Request, parameters: Parameters, rules: Rules
    ) -> tuple[Page, Show]:
        """Return the requested page, and how to show its tally."""
        page = self._page_of(request, parameters, rules.naming)
        if not rules.counts(page.site):
            raise NotCountedError(page.site)
        try:
            if self._format.options:
                check_names(parameters, self._format.options)
            return page, self._format.prepare(parameters.get)
        except OptionError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None

    def _respond(self, body: str | bytes, headers: dict[str, str]) -> Response:
        format_ = self._format
        return Response(
            HTTPStatus.OK, body, format_.media_type, format_.headers | headers
        )


def _draw(show: Show, page: Page, tally: Tally, services: Services) -> str | bytes:
    """Show the tally, or the views of the last days, which it does not have."""
    if show.days is not None:
        days = Span.until(services.rules.today(), show.days).days
        views = sum(services.backend.page_history(page, days))
        tally = tally._replace(page_views=views)
    return show.draw(page, tally)
