"""A subscriber to live updates, such as the dashboard."""

import json
import re
import socket
from contextlib import suppress
from threading import Thread
from typing import Any, Self

from tests.owner import TOKEN
from tests.servers import connect, wait_until

EVENTS = "/api/events"
"""The path of the events."""


def send_request(url: str, path: str) -> socket.socket:
    """Send a request of the owner. The caller reads the answer from the connection."""
    client = connect(url)
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    client.sendall(head.encode())
    return client


class Subscriber:
    """Reads events until the stream or the block ends."""

    def __init__(self, url: str) -> None:
        self.received = b""
        """The whole response so far, including its HTTP headers."""

        self._client = send_request(url, EVENTS)
        self._reader = Thread(target=self._read)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._client.close()

    @property
    def events(self) -> list[tuple[str, Any]]:
        """The names and the data of the events so far."""
        found = re.findall(b"event: (.*)\ndata: (.*)\n", self.received)
        return [(name.decode(), json.loads(data)) for name, data in found]

    @property
    def views(self) -> dict[str, int]:
        """The latest number of views of each site."""
        return {
            site["site"]: site["views"]
            for name, data in self.events
            if name == "sites"
            for site in data["sites"]
        }

    @property
    def is_stale(self) -> bool:
        """Whether the last event says that the numbers are not the current ones."""
        return self.events[-1][0] == "stale"

    @property
    def over(self) -> bool:
        """Whether the server has ended the stream properly (RFC 9112, 7.1)."""
        return self.received.endswith(b"\r\n0\r\n\r\n")

    def wait_for_start(self) -> None:
        """Wait for the first event."""
        wait_until(lambda: self.events, "the first event")

    def _read(self) -> None:
        with suppress(OSError):
            while received := self._client.recv(65536):
                self.received += received
