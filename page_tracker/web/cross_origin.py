"""Headers that let pages of every origin read a response, and that control caches."""

from http import HTTPStatus

from page_tracker.counting.model import Tally
from page_tracker.web.response import Response

# For scripts and pages of every origin, without credentials.
FOR_ALL_ORIGINS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Page-Tracker-Ignored, Page-Tracker-Error, "
    "Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_NUMBERS = {**FOR_ALL_ORIGINS, "X-Robots-Tag": "noindex"}
UNCACHED = {
    **_NUMBERS,
    # Some caches, such as GitHub's image proxy, obey only all of these together.
    "Cache-Control": "no-store, no-cache, max-age=0, must-revalidate",
    "Expires": "0",
}
LOCAL = {**UNCACHED, "Page-Tracker-Ignored": "local"}
"""The headers of the response to a view on a local host, which is not recorded."""

_PREFLIGHT_S = 86_400


def ignored_header(tally: Tally) -> dict[str, str]:
    """Return the header with the reason why a view was ignored, if it was."""
    return {"Page-Tracker-Ignored": tally.ignored.value} if tally.ignored else {}


def error_header(reason: str) -> dict[str, str]:
    """Return the header with the reason of an error, in one line of ASCII."""
    text = "".join(each if " " <= each else " " for each in reason)
    return {"Page-Tracker-Error": text.encode("ascii", "backslashreplace").decode()}


def headers_of_count(tally: Tally) -> dict[str, str]:
    """Return the headers of the response to a recorded view."""
    return UNCACHED | ignored_header(tally)


def headers_of_reading(cache_s: int) -> dict[str, str]:
    """Return the headers of numbers that may be cached for cache_s seconds."""
    if not cache_s:
        return UNCACHED
    return {**_NUMBERS, "Cache-Control": f"public, max-age={cache_s}"}


def preflight(*methods: str) -> Response:
    """Return the response to a preflight request (Fetch Standard, CORS protocol)."""
    return Response(
        HTTPStatus.NO_CONTENT,
        headers={
            **FOR_ALL_ORIGINS,
            "Allow": ", ".join((*methods, "OPTIONS")),
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": "*",
            "Access-Control-Max-Age": str(_PREFLIGHT_S),
        },
    )
