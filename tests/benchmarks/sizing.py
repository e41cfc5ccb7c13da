"""What millions of views a day need: arithmetic with the measured cost of a view."""

import re
import socket
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from tests.benchmarks.asking import requests_to
from tests.benchmarks.browsers import recorded
from tests.benchmarks.report import table
from tests.benchmarks.targets import Target
from tests.servers import connect

_DAYS = (10**6, 10**7, 10**8, 10**9)
_SECONDS = 24 * 60 * 60
# How many times as many views the busiest second of a day has as the average.
_PEAK = 4
# How busy a core is in that second.
_BUSY = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """What a view costs."""

    server_cpu_us: float
    redis_cpu_us: float
    request_bytes: float
    answer_bytes: float
    received_bytes: float
    """The bytes that Redis receives."""
    written_bytes: float
    """The bytes that Redis appends to its file."""


def wire(url: str, target: Target) -> tuple[float, float]:
    """Return the average sizes of a browser's request and of the answer, in bytes."""
    browsers = len(recorded())
    sizes = [
        (len(request), _size_of_answer(url, request))
        for request in islice(
            requests_to(url.removeprefix("http://"), target), browsers
        )
    ]
    requests, answers = (sum(each) / browsers for each in zip(*sizes, strict=True))
    return requests, answers


def _size_of_answer(url: str, request: bytes) -> int:
    with closing(connect(url)) as client:
        client.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += _receive(client)
        length = re.search(rb"\r\ncontent-length: *(\d+)", answer, re.IGNORECASE)
        assert length, answer
        end = answer.index(b"\r\n\r\n") + 4 + int(length[1])
        while len(answer) < end:
            answer += _receive(client)
        return len(answer)


def _receive(client: socket.socket) -> bytes:
    received = client.recv(65536)
    assert received, "the server has closed the connection"
    return received


def table_of_costs(view: View) -> str:
    """Return a table of what a view costs."""
    rows = [
        ("CPU of the tracker", f"{view.server_cpu_us:.0f} µs"),
        ("CPU of Redis", f"{view.redis_cpu_us:.0f} µs"),
        ("request of a browser", f"{view.request_bytes:.0f} bytes"),
        ("answer", f"{view.answer_bytes:.0f} bytes"),
        ("to Redis", f"{view.received_bytes:.0f} bytes"),
        ("append-only file", f"{view.written_bytes:.0f} bytes"),
    ]
    return table("Cost of a view", ("what", "for each view"), rows)


def table_of_days(view: View) -> str:
    """Return a table of what numbers of views a day need."""
    rows = []
    for views in _DAYS:
        peak = views / _SECONDS * _PEAK
        needs = (
            peak,
            *(
                peak * us / 1e6 / _BUSY
                for us in (view.server_cpu_us, view.redis_cpu_us)
            ),
            *(
                peak * size * 8 / 1e6
                for size in (
                    view.request_bytes,
                    view.answer_bytes,
                    view.received_bytes,
                )
            ),
            views * view.written_bytes / 1e9,
        )
        rows.append((f"{views:,}".replace(",", " "), *map(_shown, needs)))
    headings = (
        "views a day",
        "views/s at the peak",
        "cores of the tracker",
        "cores of Redis",
        "requests, Mbit/s",
        "answers, Mbit/s",
        "to Redis, Mbit/s",
        "append-only file, GB/day",
    )
    return table("Views a day", headings, rows)


def _shown(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ") if number >= 10 else f"{number:.2g}"
