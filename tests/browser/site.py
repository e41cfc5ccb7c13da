"""A web site on a separate origin, with pages that the test defines."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from uuid import uuid4

Page = tuple[str, Mapping[str, str]]


class Site:
    """Serves pages and records the requests."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {}
        requests: list[str] = []

        class _Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name  # as in the base
                """Respond with the page that the test added for the path."""
                requests.append(self.path)
                _answer(self, pages.get(self.path.split("?")[0]))

            # pylint: disable-next=redefined-builtin  # the base names it
            def log_message(self, format: str, *args: object) -> None:
                """Log nothing, because the requests are recorded."""

        self._pages = pages
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self.requests = requests
        """The paths and queries of all requests so far."""

        # Browsers resolve *.localhost to this machine. The random name is needed, as
        # another test's site may have used the same port.
        self.host = f"{uuid4().hex}.localhost:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def add(self, path: str, content: str, **headers: str) -> str:
        """Serve the content at the path, and return its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._pages[path] = (f"<!doctype html><title>A page</title>{content}", named)
        return f"{self.url}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answer(handler: BaseHTTPRequestHandler, page: Page | None) -> None:
    content, headers = page or ("", {})
    handler.send_response(200 if page else 404)
    handler.send_header("Content-Type", "text/html; charset=utf-8")
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content.encode())
