"""A fake Redis whose replies the test defines."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from typing import Any, Self

Answer = Callable[[bytes], bytes | None]
"""Returns the reply to a command, or None to close the connection."""


class FakeRedis(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine. Use it as a context manager."""

    # Do not wait for clients, because they keep their connections open.
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answer = answer
        self.commands: list[bytes] = []
        self.port: int = self.server_address[1]
        self._tls = tls
        self._thread = threading.Thread(target=self.serve_forever, args=[0.01])

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, over TLS if a context is given."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        return connection, address

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Connection(socketserver.BaseRequestHandler):
    server: FakeRedis

    def handle(self) -> None:
        # A client waits for each reply, so each read returns one command.
        while command := self.request.recv(4096):
            self.server.commands.append(command)
            reply = self.server.answer(command)
            if reply is None:
                return
            self.request.sendall(reply)
