"""The dashboard's static files: HTML, style sheet, icon and script modules."""

from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

from page_tracker.web import errors
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response

_MEDIA_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_HEADERS = {
    # Nothing is loaded from other hosts, and no inline script runs.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    # Browsers must revalidate their copies, so that an old token gets a 401.
    "Cache-Control": "private, no-cache",
}


def _read(file: Traversable) -> Response:
    content = file.read_bytes()
    return Response(
        HTTPStatus.OK,
        content,
        _MEDIA_TYPES[file.name.rpartition(".")[2]],
        _HEADERS,
        etag=f'"{sha256(content).hexdigest()[:16]}"',
    )


_FILES = {
    file.name: _read(file)
    for file in files("page_tracker").joinpath("web/static/dashboard").iterdir()
}
# Not at /dashboard/index.html: its relative links would be wrong there.
_INDEX = _FILES.pop("index.html")


def index(_request: Request, _services: Services) -> Response:
    """Return the HTML of the dashboard."""
    return _INDEX


def static_file(request: Request, _services: Services) -> Response:
    """Return a file that the dashboard loads. Raises RequestError if it is unknown."""
    found = _FILES.get(request.path_segment(1))
    if found is None:
        raise RequestError(
            HTTPStatus.NOT_FOUND, f"not found; allowed: {', '.join(sorted(_FILES))}"
        )
    return found


PAGE = Handler(index, errors.as_text)
FILE = Handler(static_file, errors.as_text)

# Relative, because a proxy may have removed the start of the path.
TO_PAGE = Response(HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "../dashboard"})
