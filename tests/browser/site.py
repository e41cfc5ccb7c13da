"""A web site on a separate origin, with pages that the test defines."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import requests as http

from tests.browser.http_server import HttpServer, QuietHandler
from tests.counting import TIMEOUT_S

Page = tuple[bytes, Mapping[str, str]]

_CONTENT_TYPE = {"Content-Type": "text/html; charset=utf-8"}


class Site(HttpServer):
    """Serves pages and records the requests."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {}
        passed_on: dict[str, str] = {}
        requests: list[str] = []

        class _Handler(QuietHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
                """Respond with the page that the test added for the path."""
                requests.append(self.path)
                path, _, query = self.path.partition("?")
                if url := passed_on.get(path):
                    _answer(self, _ask(f"{url}?{query}"))
                else:
                    _answer(self, pages.get(path))

        super().__init__(_Handler)
        self._pages = pages
        self._passed_on = passed_on
        self.requests = requests
        """The paths and queries of all requests so far."""

        # Browsers resolve *.localhost to this machine. The random name is needed, as
        # another test's site may have used the same port.
        self.host = f"{uuid4().hex}.localhost:{self.port}"
        self.url = f"http://{self.host}"

    def add(self, path: str, content: str, **headers: str) -> str:
        """Serve the content at the path, and return its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        page = f"<!doctype html><title>A page</title>{content}"
        self._pages[path] = (page.encode(), _CONTENT_TYPE | named)
        return f"{self.url}{path}"

    def pass_on(self, path: str, url: str) -> None:
        """Answer requests for the path, and their queries, as this URL does."""
        self._passed_on[path] = url


def _ask(url: str) -> Page:
    # Browsers identify themselves. Other clients count as crawlers.
    headers = {"User-Agent": "Mozilla/5.0 (X11) Firefox/140.0"}
    answer = http.get(url, headers=headers, timeout=TIMEOUT_S)
    return answer.content, {"Content-Type": answer.headers["Content-Type"]}


def _answer(handler: BaseHTTPRequestHandler, page: Page | None) -> None:
    content, headers = page or (b"", _CONTENT_TYPE)
    handler.send_response(200 if page else 404)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
