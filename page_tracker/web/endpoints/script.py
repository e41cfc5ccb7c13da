"""track.js, the script that counts a page and shows its numbers."""

import gzip
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

from page_tracker.backends.protocol import CounterBackend
from page_tracker.web import errors
from page_tracker.web.cross_origin import FOR_ALL_ORIGINS
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request
from page_tracker.web.response import Response

_CACHE_S = 86_400
_HEADERS = FOR_ALL_ORIGINS | {
    "Cache-Control": f"public, max-age={_CACHE_S}",
    # Caches must not give the compressed script to clients that cannot read it.
    "Vary": "Accept-Encoding",
}


def _serve(content: bytes, headers: dict[str, str]) -> Response:
    return Response(
        HTTPStatus.OK,
        content,
        "text/javascript",
        _HEADERS | headers,
        etag=f'"{sha256(content).hexdigest()[:16]}"',
    )


# Minified from track.js beside it, which explains it. Python's standard library cannot
# compress in Brotli, so what builds the script does.
_FOLDER = files("page_tracker").joinpath("web/static")
_CONTENT = _FOLDER.joinpath("track.min.js").read_bytes()
_PLAIN = _serve(_CONTENT, {})
_COMPRESSED = {
    name: _serve(content, {"Content-Encoding": name})
    for name, content in (
        ("br", _FOLDER.joinpath("track.min.js.br").read_bytes()),  # the smallest
        ("gzip", gzip.compress(_CONTENT, mtime=0)),
    )
}


def _script(request: Request, _services: Services) -> Response:
    for name, response in _COMPRESSED.items():
        if request.accepts_encoding(name):
            return response
    return _PLAIN


def _failure(request: Request, backend: CounterBackend, error: Exception) -> Response:
    answer = errors.as_text(request, backend, error)
    return answer._replace(headers=FOR_ALL_ORIGINS | (answer.headers or {}))


SCRIPT = Handler(_script, _failure)
