"""Our own clients: threads that send requests over persistent connections.

In a closed loop, each client sends its next request as soon as it has a response. At a
fixed rate, each request has a scheduled time, and the next free client sends it. The
latency counts from the scheduled time. If a late response delays the next request, that
delay is therefore part of its latency.
"""

import re
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count, repeat
from statistics import quantiles
from threading import Lock

from tests.benchmarks.asking import requests_to
from tests.benchmarks.targets import Target
from tests.servers import connect

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements of the clients. All responses had the status 200."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def load(
    url: str,
    target: Target,
    connections: int,
    seconds: float,
    rate: float | None = None,
) -> Measured:
    """Send requests for this time, in a closed loop or at a rate (requests per second).

    Raises AssertionError or OSError if a request fails.
    """
    with ExitStack() as stack, ThreadPoolExecutor(connections) as pool:
        opened = (_Connection(url) for _ in range(connections))
        sockets = [stack.enter_context(closing(each)) for each in opened]
        begin = time.perf_counter()
        if rate is None:
            times = [_now_until(begin + seconds) for _ in sockets]
        else:
            # All threads share this iterator, which a generator would not allow.
            times = [_at_rate(begin, seconds, rate)] * connections
        requests = _Shared(requests_to(url.removeprefix("http://"), target))
        results = pool.map(_ask, sockets, times, repeat(requests))
        latencies = [ms for latencies_of_one in results for ms in latencies_of_one]
        percentiles = quantiles(latencies, n=100)
        return Measured(
            requests=len(latencies),
            seconds=time.perf_counter() - begin,
            p50_ms=percentiles[49],
            p99_ms=percentiles[98],
            max_ms=max(latencies),
        )


def _now_until(end: float) -> Iterator[float]:
    """Yield the current time until the end, but at least twice, for the percentiles."""
    for number in count():
        now = time.perf_counter()
        if now >= end and number >= 2:
            return
        yield now


def _at_rate(begin: float, seconds: float, rate: float) -> Iterator[float]:
    return iter([begin + number / rate for number in range(round(seconds * rate))])


class _Shared:
    """An iterator that threads can share, unlike a generator."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._lock = Lock()

    def next(self) -> bytes:
        """Return the next item."""
        with self._lock:
            return next(self._requests)


class _Connection:
    """A connection, which is opened again when the server has closed it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._socket = connect(url)

    def ask(self, request: bytes) -> None:
        """Send a request and read its answer. Raises AssertionError, OSError."""
        self._socket.sendall(request)
        if _read_answer(self._socket):
            self.close()
            self._socket = connect(self._url)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _ask(client: _Connection, times: Iterable[float], requests: _Shared) -> list[float]:
    """Send a request at each of the times, and return the latencies in ms."""
    latencies = []
    for moment in times:
        request = requests.next()
        time.sleep(max(0, moment - time.perf_counter()))
        client.ask(request)
        latencies.append((time.perf_counter() - moment) * 1000)
    return latencies


def _read_answer(client: socket.socket) -> bool:
    """Read an answer, and return whether the server closes the connection."""
    answer = b""
    while _END_OF_HEAD not in answer:
        answer += _receive(client)
    head, _, body = answer.partition(_END_OF_HEAD)
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    assert head.startswith(b"HTTP/1.1 200 ") and length, answer
    missing = int(length[1]) - len(body)
    while missing > 0:
        missing -= len(_receive(client))
    return b"connection: close" in head.lower()


def _receive(client: socket.socket) -> bytes:
    received = client.recv(65536)
    assert received, "the server has closed the connection"
    return received
