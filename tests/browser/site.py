"""A web site on a separate origin, with pages that the test defines."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

from tests.browser.http_server import HttpServer, QuietHandler

Page = tuple[str, Mapping[str, str]]


class Site(HttpServer):
    """Serves pages and records the requests."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {}
        requests: list[str] = []

        class _Handler(QuietHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
                """Respond with the page that the test added for the path."""
                requests.append(self.path)
                _answer(self, pages.get(self.path.split("?")[0]))

        super().__init__(_Handler)
        self._pages = pages
        self.requests = requests
        """The paths and queries of all requests so far."""

        # Browsers resolve *.localhost to this machine. The random name is needed, as
        # another test's site may have used the same port.
        self.host = f"{uuid4().hex}.localhost:{self.port}"
        self.url = f"http://{self.host}"

    def add(self, path: str, content: str, **headers: str) -> str:
        """Serve the content at the path, and return its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._pages[path] = (f"<!doctype html><title>A page</title>{content}", named)
        return f"{self.url}{path}"


def _answer(handler: BaseHTTPRequestHandler, page: Page | None) -> None:
    content, headers = page or ("", {})
    handler.send_response(200 if page else 404)
    handler.send_header("Content-Type", "text/html; charset=utf-8")
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content.encode())
