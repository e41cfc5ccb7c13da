"""Values in the fields of foreign files: URLs, times and spans of days."""

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from page_tracker.counting.parsing import quoted
from page_tracker.transfer.entries import Span

_END_OF_HOST = re.compile("[/?#]")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def split_url(url: str) -> tuple[str, str]:
    """Return the host and the path with what follows it.

    The URL may have a scheme. If so, the host has it, too.
    """
    scheme, slashes, _ = url.partition("://")
    begin = len(scheme + slashes) if slashes and scheme.isalpha() else 0
    end = _END_OF_HOST.search(url, begin)
    if end is None:
        return url, "/"
    path = url[end.start() :]
    return url[: end.start()], path if path[0] == "/" else f"/{path}"


class SpanOfHosts:
    """Says once of each host to which days its views belong."""

    def __init__(self, first: date, last: date) -> None:
        self._first = first
        self._last = last
        self._hosts: set[str] = set()

    def of_host(self, line: int, host: str) -> Iterator[Span]:
        """Yield the span of a host if the host is new."""
        if host not in self._hosts:
            self._hosts.add(host)
            yield Span(line, host, self._first, self._last)


def day_of_time(text: str, timezone: tzinfo, default: tzinfo | None = None) -> date:
    """Return the day in a time zone at a time that is written as in ISO 8601.

    A time that names no zone is in the default zone. Raises ValueError.
    """
    match = _TIME.fullmatch(text)
    if match and (match[1] or default):
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is None:
                time = time.replace(tzinfo=default)
            return time.astimezone(timezone).date()
        except (ValueError, OverflowError):
            pass
    example = "2026-11-20 08:00:00" if default else "2026-11-20T08:00:00Z"
    raise ValueError(f"{quoted(text)} is not a time; allowed: a time such as {example}")
