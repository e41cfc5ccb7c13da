"""Headers of responses that pages of every origin may use, and for how long."""

from http import HTTPStatus

from page_tracker.counting.model import Tally
from page_tracker.web.http import Response

# For scripts and pages of every origin, without what would tell who asks.
FOR_ALL_ORIGINS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Page-Tracker-Ignored, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_UNCACHED = {
    **FOR_ALL_ORIGINS,
    # GitHub's proxy for images, for one, keeps what does not say all of this.
    "Cache-Control": "no-store, no-cache, max-age=0, must-revalidate",
    "Expires": "0",
}
_PREFLIGHT_S = 86_400


def ignored_header(tally: Tally) -> dict[str, str]:
    """Return the header that says why a view is not counted, if it is not."""
    return {"Page-Tracker-Ignored": tally.ignored.value} if tally.ignored else {}


def headers_of_count(tally: Tally) -> dict[str, str]:
    """Return the headers of a view that was recorded."""
    return _UNCACHED | ignored_header(tally)


def headers_of_reading(cache_s: int) -> dict[str, str]:
    """Return the headers of numbers that may be cached for so many seconds."""
    if not cache_s:
        return _UNCACHED
    return {**FOR_ALL_ORIGINS, "Cache-Control": f"public, max-age={cache_s}"}


def preflight(*methods: str) -> Response:
    """Answer what browsers ask before they ask from another origin (Fetch, 4.8)."""
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


def headers_of_failure(status: HTTPStatus) -> dict[str, str]:
    """Return the headers of an answer without a number."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {**_UNCACHED, "Retry-After": "1"}
    return _UNCACHED
