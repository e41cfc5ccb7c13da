"""Caddy's access logs, in JSON.

Sources: caddyserver.com/docs/caddyfile/directives/log; in caddyserver/caddy
modules/caddyhttp/{server,marshalers}.go and modules/logging/encoders.go. Before version
2.5, remote_addr stood for remote_ip and remote_port. client_ip exists since 2.7.
"""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import Entry, Options
from page_tracker.transfer.formats.access_logs.json_lines import parse_object, text_of
from page_tracker.transfer.formats.access_logs.reading import read_log, recognizes_log
from page_tracker.transfer.formats.access_logs.request import (
    ANOTHER_LOG,
    NOT_OF_FORMAT,
    LoggedRequest,
    Parse,
    known_headers,
)
from page_tracker.transfer.formats.access_logs.times import Days
from page_tracker.transfer.formats.format import Format

_LOGGER = "http.log.access"
_ADDRESSES = ("client_ip", "remote_ip", "remote_addr")


def _new_parse(timezone: tzinfo) -> Parse:
    days = Days(timezone)

    def parse(line: str) -> LoggedRequest | str:
        entry = parse_object(line)
        if entry is None:
            return NOT_OF_FORMAT
        if not text_of(entry.get("logger", _LOGGER)).startswith(_LOGGER):
            return ANOTHER_LOG
        # A line of another logger may come without its name.
        if "request" not in entry and "logger" not in entry:
            return ANOTHER_LOG
        try:
            return _request_of(entry, entry["request"], days)
        except (KeyError, TypeError, AttributeError, ValueError):
            return NOT_OF_FORMAT

    return parse


def _request_of(
    entry: Mapping[str, Any], request: Mapping[str, Any], days: Days
) -> LoggedRequest:
    """Return the request in an entry.

    Raises KeyError, TypeError, AttributeError or ValueError if the entry differs.
    """
    headers = request.get("headers") or {}
    time = entry["ts"]
    return LoggedRequest(
        address=next(
            (text_of(request[key]) for key in _ADDRESSES if key in request), ""
        ),
        agent=_first(headers, "User-Agent"),
        method=text_of(request["method"]),
        target=text_of(request["uri"]),
        status=text_of(entry["status"]),
        day=days.of_text(time) if isinstance(time, str) else days.of_timestamp(time),
        host=text_of(request["host"]),
        content_type=_first(entry.get("resp_headers") or {}, "Content-Type"),
        headers=known_headers(lambda name: _first(headers, name)),
    )


def _first(headers: Mapping[str, Any], name: str) -> str:
    """Return the first value of a header, or an empty text."""
    values = headers.get(name)
    return text_of(values[0]) if values else ""


def _recognizes(document: Document) -> bool:
    return recognizes_log(document, _new_parse)


def _read(document: Document, options: Options) -> Iterator[Entry]:
    return read_log(document, options, _new_parse)


CADDY = Format(
    name="caddy", title="Caddy's access log", recognizes=_recognizes, read=_read
)
