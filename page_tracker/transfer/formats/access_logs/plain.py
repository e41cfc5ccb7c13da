"""Access logs of nginx and Apache: common, combined and vhost_combined.

Sources: httpd.apache.org/docs/2.4/logs.html and mod_log_config.html (Apache escapes as
C does), nginx.org ngx_http_log_module (it escapes as \\xHH), and Debian's apache2.conf
for vhost_combined.
"""

import re
from collections.abc import Iterator
from datetime import tzinfo

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import Entry, Options
from page_tracker.transfer.formats.access_logs.reading import read_log, recognizes_log
from page_tracker.transfer.formats.access_logs.request import (
    NOT_OF_FORMAT,
    LoggedRequest,
    Parse,
)
from page_tracker.transfer.formats.access_logs.times import COMMON_TIME, Days
from page_tracker.transfer.formats.access_logs.traefik import TRAEFIK
from page_tracker.transfer.formats.format import Format

_QUOTED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
# More may follow the agent, such as X-Forwarded-For in the log of nginx's own image.
_LINE = re.compile(
    rf"(?:([^ ,]+) (?!- ))?([^ ]+) [^ ]+ [^ \[][^\[]* \[{COMMON_TIME}\] "
    rf"{_QUOTED} (\d{{3}}) [^ ]+(?: {_QUOTED.replace('(', '(?:', 1)} {_QUOTED}|$)",
    re.ASCII,
)
# nginx writes "_" if this is the name of its default server.
_NO_HOST = ("-", "_")
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_CONTROL_CHARACTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"b": b"\b"}


def _new_parse(timezone: tzinfo) -> Parse:
    day_of = Days(timezone).of_common

    def parse(line: str) -> LoggedRequest | str:
        found = _LINE.match(line)
        if found is None:
            return NOT_OF_FORMAT
        host, address, minute, offset, request, status, agent = found.groups()
        if "\\" in line:
            request, agent = _unescaped(request), _unescaped(agent or "")
        # Without spaces, it is garbage such as a handshake of TLS.
        method, _, target = request.partition(" ")
        try:
            day = day_of(minute, offset)
        except ValueError:
            return NOT_OF_FORMAT
        return LoggedRequest(
            # X-Forwarded-For may stand here. The client is the first in it.
            address.removesuffix(","),
            "" if agent is None or agent == "-" else agent,
            method,
            target.partition(" ")[0],
            status,
            day,
            "" if host is None or host in _NO_HOST else host,
        )

    return parse


def _unescaped(text: str) -> str:
    encoded = text.encode(errors="surrogateescape")
    return _ESCAPE.sub(_unescape, encoded).decode(errors="surrogateescape")


def _unescape(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes.fromhex(escape[1].decode())
    return _CONTROL_CHARACTERS.get(escape[2], escape[2])


def _recognizes(document: Document) -> bool:
    # Traefik's common format begins in the same way.
    return recognizes_log(document, _new_parse) and not TRAEFIK.recognizes(document)


def _read(document: Document, options: Options) -> Iterator[Entry]:
    return read_log(document, options, _new_parse)


ACCESS_LOG = Format(
    name="access-log",
    title="an access log of nginx or Apache (common, combined or vhost_combined)",
    recognizes=_recognizes,
    read=_read,
)
