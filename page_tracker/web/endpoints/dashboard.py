"""The dashboard's static files: HTML, style sheet, icon and script modules."""

from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

from page_tracker.counting.rules import Rules
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
# Nothing is loaded from other hosts, and no inline script runs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
)
_HEADERS = {
    "Content-Security-Policy": f"{_POLICY}'none'",
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


_SHARED_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def index(_request: Request, services: Services) -> Response:
    """Return the HTML of the dashboard, with the public URL of the tracker."""
    return _index(_public_url(services.rules))


def shared_index(_request: Request, services: Services) -> Response:
    """Return the HTML of the page that shows a site to others. It holds no number."""
    page = _shared_index(_public_url(services.rules))
    frames = " ".join(services.rules.frames) or "'none'"
    policy = {"Content-Security-Policy": f"{_POLICY}{frames}"}
    return page._replace(headers=_HEADERS | _SHARED_HEADERS | policy)


def _public_url(rules: Rules) -> str:
    return f"{rules.public_url}{rules.base_path}/" if rules.public_url else ""


@lru_cache(maxsize=1)
def _index(public_url: str) -> Response:
    return _response("index.html", _html(public_url).encode())


@lru_cache(maxsize=1)
def _shared_index(public_url: str) -> Response:
    html = _html(public_url).replace('"dashboard/', '"shared/')
    html = html.replace('<html lang="en">', '<html lang="en" data-shared>')
    return _response("index.html", html.encode())


def _html(public_url: str) -> str:
    # The snippets read it from there. The URL has no character that HTML must escape.
    unknown = '<meta name="public-url" content="">'
    known = f'<meta name="public-url" content="{public_url}">'
    return _INDEX.replace(unknown, known)


def static_file(request: Request, _services: Services) -> Response:
    """Return a file that the dashboard loads. Raises RequestError if it is unknown."""
    found = _FILES.get(request.path_segment(1))
    if found is None:
        raise RequestError(
            HTTPStatus.NOT_FOUND, f"not found; allowed: {', '.join(sorted(_FILES))}"
        )
    return found


SHARED_PAGE = Handler(shared_index, errors.as_text)
SHARED_FILE = Handler(static_file, errors.as_text)
PAGE = Handler(index, errors.as_text)
FILE = Handler(static_file, errors.as_text)

# Relative, because a proxy may have removed the start of the path.
TO_PAGE = Response(HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "../dashboard"})
TO_SHARED = Response(HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "../shared"})
