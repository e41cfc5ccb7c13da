"""Traefik's access logs: its common format, and JSON.

Source: traefik/traefik pkg/middlewares/accesslog/{logger_formatters,logdata,logger}.go
and its reference of logs. By default, Traefik logs no headers of requests, and so no
agents. Its format genericCLF is the combined format.
"""

import re
from collections.abc import Iterator
from datetime import tzinfo

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
from page_tracker.transfer.formats.access_logs.times import COMMON_TIME, Days
from page_tracker.transfer.formats.format import Format

_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# Only quotation marks in quoted parts after the status are escaped. The limits keep the
# time short for a long line in another format.
_LINE = re.compile(
    rf"([^\[]{{1,1000}}?) - [^\[]{{1,200}} \[{COMMON_TIME}\] "
    rf'"([^ ]+) (.*?) [^ ]+" (\d+) [^ ]+ {_QUOTED} ({_QUOTED}) '
    rf"[^ ]+ {_QUOTED} {_QUOTED} \d+ms$",
    re.ASCII,
)
# REDACTED stands for headers that Traefik is told to hide.
_MISSING = ("-", "REDACTED")


def _new_parse(timezone: tzinfo) -> Parse:
    days = Days(timezone)

    def parse(line: str) -> LoggedRequest | str:
        try:
            if line.startswith("{"):
                return _request_in_json(line, days)
            if found := _LINE.match(line):
                return _request_of(found, days)
        except (KeyError, ValueError):
            pass
        return NOT_OF_FORMAT

    return parse


def _request_of(line: re.Match[str], days: Days) -> LoggedRequest:
    """Return the request in a line in the common format. Raises ValueError."""
    addresses, minute, offset, method, target, status, agent = line.groups()
    return LoggedRequest(
        _client_in(addresses),
        _agent_in(agent[1:-1].replace(r"\"", '"')),
        method,
        target,
        status,
        days.of_common(minute, offset),
    )


def _request_in_json(line: str, days: Days) -> LoggedRequest | str:
    """Return the request in a line in JSON. Raises KeyError and ValueError."""
    entry = parse_object(line)
    if entry is None:
        return NOT_OF_FORMAT
    # By default, Traefik's own log goes to the same place.
    if "level" in entry and "RequestMethod" not in entry:
        return ANOTHER_LOG
    time = entry["StartUTC"] if "StartUTC" in entry else entry["StartLocal"]
    content_type = entry.get("downstream_Content-Type", "")
    return LoggedRequest(
        address=_client_in(text_of(entry["ClientHost"])),
        agent=_agent_in(text_of(entry.get("request_User-Agent"))),
        method=text_of(entry["RequestMethod"]),
        target=text_of(entry["RequestPath"]),
        status=text_of(entry["DownstreamStatus"]),
        day=days.of_text(text_of(time)),
        # RequestHost has no port.
        host=text_of(entry.get("RequestAddr", entry.get("RequestHost"))),
        content_type=text_of(content_type),
        headers=known_headers(lambda name: text_of(entry.get(f"request_{name}"))),
    )


def _client_in(addresses: str) -> str:
    """Return the client in the value of X-Forwarded-For, or in a single address."""
    return addresses.partition(",")[0]


def _agent_in(text: str) -> str:
    return "" if text in _MISSING else text


def _recognizes(document: Document) -> bool:
    return recognizes_log(document, _new_parse)


def _read(document: Document, options: Options) -> Iterator[Entry]:
    return read_log(document, options, _new_parse)


TRAEFIK = Format(
    name="traefik",
    title="Traefik's access log",
    recognizes=_recognizes,
    read=_read,
)
