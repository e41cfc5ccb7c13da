"""The owner's page, as it is written: its HTML, style, icon and script modules."""

from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

from page_tracker.web import errors
from page_tracker.web.handler import Handler, Services
from page_tracker.web.http import Request, RequestError, Response

_MEDIA_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_HEADERS = {
    # Nothing from elsewhere, and nothing that stands in the page itself is run.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    # Kept, and asked for anew each time: who has no token any more gets none of it.
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
# At no second place, where what it names beside it would not be found.
_INDEX = _FILES.pop("index.html")


def index(_request: Request, _house: Services) -> Response:
    """Show the page."""
    return _INDEX


def file_of_page(request: Request, _house: Services) -> Response:
    """Give what the page needs. Raises RequestError."""
    found = _FILES.get(request.part_of_path(1))
    if found is None:
        raise RequestError(
            HTTPStatus.NOT_FOUND, f"not found; there are {', '.join(sorted(_FILES))}"
        )
    return found


PAGE = Handler(index, errors.as_text)
FILE = Handler(file_of_page, errors.as_text)

# Relative, as the tracker need not know what a proxy has taken from the path.
TO_PAGE = Response(HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "../dashboard"})
