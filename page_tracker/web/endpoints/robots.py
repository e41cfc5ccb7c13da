"""robots.txt, which tells search engines what not to read (RFC 9309)."""

from http import HTTPStatus

from page_tracker.web import errors
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request
from page_tracker.web.response import Response

# Each is the beginning of paths. The script is allowed, because a search engine that
# shows a page loads it. So is the front page.
_PATHS = (
    *("/api/", "/dashboard", "/get/", "/healthz", "/hit"),
    *("/metrics", "/readyz", "/shared", "/views"),
)
_CACHE_S = 86_400


def robots(_request: Request, services: Services) -> Response:
    """Keep search engines from the dashboard, the API and everything that counts."""
    lines = [f"Disallow: {services.rules.base_path}{path}" for path in _PATHS]
    return Response(
        HTTPStatus.OK,
        "\n".join(("User-agent: *", *lines, "")),
        headers={"Cache-Control": f"public, max-age={_CACHE_S}"},
    )


ROBOTS = Handler(robots, errors.as_text)
