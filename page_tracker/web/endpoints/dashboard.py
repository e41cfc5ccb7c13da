"""The dashboard's static files: HTML, style sheet, icon and script modules."""

from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

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


def _response(name: str, content: bytes) -> Response:
    return Response(
        HTTPStatus.OK,
        content,
        _MEDIA_TYPES[name.rpartition(".")[2]],
        _HEADERS,
        etag=f'"{sha256(content).hexdigest()[:16]}"',
    )


_CONTENTS = {
    file.name: file.read_bytes()
    for file in files("page_tracker").joinpath("web/static/dashboard").iterdir()
}
# Not at /dashboard/index.html: its relative links would be wrong there.
_INDEX = _CONTENTS.pop("index.html").decode()
_FILES = {name: _response(name, content) for name, content in _CONTENTS.items()}


def index(_request: Request, services: Services) -> Response:
    """Return the HTML of the dashboard, with the public URL of the tracker."""
    rules = services.rules
    return _index(f"{rules.public_url}{rules.base_path}/" if rules.public_url else "")


@lru_cache(maxsize=1)
def _index(public_url: str) -> Response:
    # The snippets read it from there. The URL has no character that HTML must escape.
    unknown = '<meta name="public-url" content="">'
    known = f'<meta name="public-url" content="{public_url}">'
    return _response("index.html", _INDEX.replace(unknown, known).encode())


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
