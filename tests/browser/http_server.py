"""An HTTP server in a thread of the tests."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that does not log requests."""

    # pylint: disable-next=redefined-builtin  # the base names it
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class HttpServer:
    """Serves on a free port of this machine within a with block."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self.port = self._server.server_port

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
