"""Clients of our own: threads that ask over connections which are kept alive.

In a closed loop, each asks again as soon as it has its answer. At a set rate, they ask
when it is time, whoever is free, and latency is counted from that time: an answer that
came so late that the next request had to wait makes that one late as well.
"""

import re
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, repeat
from statistics import quantiles
from threading import Lock

from tests.benchmarks.asking import Asked
from tests.servers import connect

_REQUEST = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clients saw: so many requests, all answered with 200."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


def load(
    url: str,
    asked: Asked,
    connections: int,
    seconds: float,
    rate: float | None = None,
) -> Seen:
    """Ask for that long, at a rate in requests per second or as fast as it goes.

    Raises an error if any request fails.
    """
    with ExitStack() as stack, ThreadPoolExecutor(connections) as pool:
        sockets = [stack.enter_context(connect(url)) for _ in range(connections)]
        begin = time.perf_counter()
        if rate is None:
            times = [_now_until(begin + seconds) for _ in sockets]
        else:
            # One for all; other than a generator, it may be shared by threads.
            times = [_at_rate(begin, seconds, rate)] * connections
        paths = _Shared(asked.paths())
        asking = pool.map(_ask, sockets, times, repeat(paths))
        latencies = [ms for of_one in asking for ms in of_one]
        percentiles = quantiles(latencies, n=100)
        return Seen(
            requests=len(latencies),
            seconds=time.perf_counter() - begin,
            p50_ms=percentiles[49],
            p99_ms=percentiles[98],
        )


def _now_until(end: float) -> Iterator[float]:
    """Yield the time until it is over, but twice at least: percentiles need two."""
    for asked in count():
        now = time.perf_counter()
        if now >= end and asked >= 2:
            return
        yield now


def _at_rate(begin: float, seconds: float, rate: float) -> Iterator[float]:
    return iter([begin + number / rate for number in range(round(seconds * rate))])


class _Shared:
    """What many threads may take the next of; a generator alone is for one."""

    def __init__(self, paths: Iterator[str]) -> None:
        self._paths = paths
        self._lock = Lock()

    def next(self) -> str:
        """Take the next."""
        with self._lock:
            return next(self._paths)


def _ask(client: socket.socket, times: Iterable[float], paths: _Shared) -> list[float]:
    """Ask at each of the times, and return the latencies in ms."""
    latencies = []
    for moment in times:
        request = _REQUEST.format(paths.next()).encode()
        time.sleep(max(0, moment - time.perf_counter()))
        client.sendall(request)
        _read_answer(client)
        latencies.append((time.perf_counter() - moment) * 1000)
    return latencies


def _read_answer(client: socket.socket) -> None:
    answer = b""
    while _END_OF_HEAD not in answer:
        answer += _receive(client)
    head, _, body = answer.partition(_END_OF_HEAD)
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    assert head.startswith(b"HTTP/1.1 200 ") and length, answer
    missing = int(length[1]) - len(body)
    while missing > 0:
        missing -= len(_receive(client))


def _receive(client: socket.socket) -> bytes:
    received = client.recv(65536)
    assert received, "the server has closed the connection"
    return received
