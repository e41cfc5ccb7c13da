"""python -m tests.benchmarks.dashboards URL: watch a tracker as 300 dashboards do.

Each receives the events, and requests other numbers every few seconds, one by one.
Exits with an error if the tracker ends a stream or refuses a request.
"""

import random
import socket
import sys
import time
from collections.abc import Callable
from itertools import cycle
from selectors import EVENT_READ, DefaultSelector

from tests.benchmarks.targets import SITE
from tests.servers import read_all
from tests.subscriber import EVENTS, send_request

_DASHBOARDS = 300
_REFRESH_S = 5.0
_PATHS = (
    f"/api/sites/{SITE}/pages?days=30",
    f"/api/sites/{SITE}/referrers?days=30",
    f"/api/ignored?days=30&site={SITE}",
)
_OK = b"HTTP/1.1 200 "


def main(url: str) -> None:
    """Watch the tracker at this URL until this process is killed."""
    with DefaultSelector() as selector:
        for _ in range(_DASHBOARDS):
            client = _open_events(url)
            selector.register(client, EVENT_READ, client.recv)
        # All dashboards together send so many requests a second, at random times.
        rate = _DASHBOARDS * len(_PATHS) / _REFRESH_S
        for path in cycle(_PATHS):
            _receive(selector, time.monotonic() + random.expovariate(rate))
            with send_request(url, path) as client:
                answer = read_all(client)
            assert answer.startswith(_OK.decode()), answer


def _open_events(url: str) -> socket.socket:
    # The tracker does not yet know that the clients of an earlier process are gone.
    while True:
        client = send_request(url, EVENTS)
        if client.recv(65536).startswith(_OK):
            return client
        client.close()
        time.sleep(0.1)


def _receive(selector: DefaultSelector, until: float) -> None:
    """Receive events until this time."""
    while (left := until - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            receive: Callable[[int], bytes] = key.data
            assert receive(65536), "the tracker has ended a stream"


if __name__ == "__main__":
    main(sys.argv[1])
