"""track.js, the script that counts a page and shows its numbers."""

import re
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files

from page_tracker.web.cross_origin import FOR_ALL_ORIGINS
from page_tracker.web.response import Response

_CACHE_S = 86_400


def shortened(source: str) -> str:
    """Remove comments, which have lines of their own, and line breaks."""
    return re.sub(r"^//.*\n|\n", "", source, flags=re.MULTILINE)


def _serve() -> Response:
    source = files("page_tracker").joinpath("web/static/track.js").read_text("utf-8")
    script = shortened(source)
    return Response(
        HTTPStatus.OK,
        script,
        "text/javascript",
        FOR_ALL_ORIGINS | {"Cache-Control": f"public, max-age={_CACHE_S}"},
        etag=f'"{sha256(script.encode()).hexdigest()[:16]}"',
    )


SCRIPT = _serve()
