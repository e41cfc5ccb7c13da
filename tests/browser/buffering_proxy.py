"""A reverse proxy that buffers events, so that none arrives."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from urllib.parse import urlsplit

import requests

from tests.browser.http_server import HttpServer, QuietHandler
from tests.counting import TIMEOUT_S

_FORWARDED = ("Authorization", "Accept")
_RETURNED = ("Content-Type", "Content-Security-Policy", "WWW-Authenticate")


@contextmanager
def buffering_proxy(url: str) -> Iterator[str]:
    """Run a proxy in front of a tracker. Yields the URL of the tracker at the proxy."""
    server = urlsplit(url)
    ended = Event()

    class _Handler(QuietHandler):
        def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
            """Forward the request, unless it is for events."""
            if self.path.endswith("/api/events"):
                ended.wait()
                return
            headers = {name: self.headers.get(name) for name in _FORWARDED}
            response = requests.get(
                f"{server.scheme}://{server.netloc}{self.path}",
                headers=headers,
                timeout=TIMEOUT_S,
            )
            self.send_response(response.status_code)
            for name in _RETURNED:
                if name in response.headers:
                    self.send_header(name, response.headers[name])
            self.end_headers()
            self.wfile.write(response.content)

    with HttpServer(_Handler) as proxy:
        try:
            yield f"http://127.0.0.1:{proxy.port}{server.path}"
        finally:
            ended.set()
