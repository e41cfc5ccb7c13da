"""The bytes of requests for our own clients. wrk.lua builds the same ones."""

from collections.abc import Iterator
from itertools import cycle
from uuid import uuid4

from tests.benchmarks.browsers import VISITOR, VISITORS, heads
from tests.benchmarks.targets import Target
from tests.owner import TOKEN

_BATCH = (
    "POST {} HTTP/1.1\r\nHost: {}\r\n"
    f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
    "Idempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{}"
)


def requests_to(host: str, target: Target) -> Iterator[bytes]:
    """Yield the requests for a target, without end."""
    body = target.body()
    if body:
        for path in target.paths():
            yield _BATCH.format(path, host, uuid4(), len(body), body).encode()
    kinds = heads(host, bare=target.bare)
    visitors = [
        kinds[number % len(kinds)].replace(VISITOR, str(number))
        for number in range(VISITORS)
    ]
    for path, head in zip(target.paths(), cycle(visitors)):
        yield f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
