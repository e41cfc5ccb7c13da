"""Lines of access logs for tests, and what is read from them."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from page_tracker.transfer.entries import Entry, LeftOut, Views, Visitors

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
DAY = date(2026, 11, 20)
TIMESTAMP = 1795161600.5
"""2026-11-20T08:00:00.5Z"""


def combined(
    request: str = "GET /blog/a HTTP/1.1",
    *,
    status: int = 200,
    agent: str = FIREFOX,
    address: str = "203.0.113.7",
    time: str = "20/Nov/2026:08:00:00 +0000",
) -> str:
    """Return a line in the combined format."""
    return (
        f'{address} - - [{time}] "{request}" {status} 2326 '
        f'"https://example.org/" "{agent}"\n'
    )


def caddy(
    uri: str = "/blog/a",
    *,
    headers: dict[str, str] | None = None,
    content_type: str | None = "text/html; charset=utf-8",
    request: dict[str, Any] | None = None,
    **fields: Any,
) -> str:
    """Return a line of Caddy's access log, with changed fields."""
    sent = {"User-Agent": FIREFOX, **(headers or {})}
    entry = {
        "level": "info",
        "ts": TIMESTAMP,
        "logger": "http.log.access.log0",
        "msg": "handled request",
        "request": {
            "remote_ip": "203.0.113.7",
            "remote_port": "50000",
            "client_ip": "203.0.113.7",
            "proto": "HTTP/2.0",
            "method": "GET",
            "host": "example.com",
            "uri": uri,
            "headers": {name: [value] for name, value in sent.items()},
            **(request or {}),
        },
        "bytes_read": 0,
        "user_id": "",
        "duration": 0.01,
        "size": 512,
        "status": 200,
        "resp_headers": {"Content-Type": [content_type]} if content_type else {},
        **fields,
    }
    return json.dumps(entry) + "\n"


def views_of(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the views by host and path."""
    views: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, Views):
            views[f"{entry.host}{entry.path}"] += entry.views
    return views


def days_of(entries: Iterable[Entry]) -> list[date | None]:
    """Return the days of the views."""
    return [entry.day for entry in entries if isinstance(entry, Views)]


def visitors_of(entries: Iterable[Entry]) -> list[tuple[str, date, int]]:
    """Return the visitors by host and day."""
    return [
        (entry.host, entry.day, entry.visitors)
        for entry in entries
        if isinstance(entry, Visitors)
    ]


def left_out_of(entries: Iterable[Entry]) -> dict[str, int]:
    """Return how many lines were left out, by reason."""
    numbers: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, LeftOut):
            numbers[entry.reason] += entry.number
    return numbers
