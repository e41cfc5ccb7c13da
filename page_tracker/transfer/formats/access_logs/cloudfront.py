"""CloudFront's standard logs: tab-separated (W3C), and JSON with the same names.

Source: Amazon CloudFront Developer Guide, "Standard logging reference" and "Configure
standard logging (v2)". All values are texts, in which % and other characters are
percent-encoded, so that a header with escapes has them twice. "-" is an empty value.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from urllib.parse import unquote

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import Entry, Options
from page_tracker.transfer.formats.access_logs.json_lines import parse_object, text_of
from page_tracker.transfer.formats.access_logs.reading import read_log, recognizes_log
from page_tracker.transfer.formats.access_logs.request import (
    NO_ENTRY,
    NOT_OF_FORMAT,
    LoggedRequest,
    Parse,
)
from page_tracker.transfer.formats.access_logs.times import Days
from page_tracker.transfer.formats.format import Format

_FIELDS = "#Fields:"
_EMPTY = "-"
# More than what is used of an agent, and not too much for the cache.
_MAX_CHARACTERS = 4096


def _new_parse(timezone: tzinfo) -> Parse:
    days = Days(timezone)
    names: Sequence[str] = ()

    def parse(line: str) -> LoggedRequest | str:
        nonlocal names
        if line.startswith("#"):
            # Several logs in one file have several headers.
            if line.startswith(_FIELDS):
                names = line.removeprefix(_FIELDS).split()
            return NO_ENTRY
        if line.startswith("{"):
            fields = parse_object(line)
        else:
            values = line.split("\t")
            fields = dict(zip(names, values)) if len(values) == len(names) else None
        try:
            return NOT_OF_FORMAT if fields is None else _request_of(fields, days)
        except (KeyError, ValueError):
            return NOT_OF_FORMAT

    return parse


def _request_of(fields: Mapping[str, object], days: Days) -> LoggedRequest:
    """Return the request with these fields. Raises KeyError and ValueError."""

    def field(name: str) -> str:
        value = text_of(fields.get(name))
        return "" if value == _EMPTY else value

    if "date" in fields:
        day = days.of_text(f"{field('date')} {field('time')}")
    else:
        day = days.of_timestamp(float(text_of(fields["timestamp(ms)"])))
    return LoggedRequest(
        address=text_of(fields["c-ip"]),
        agent=_agent_of(field("cs(User-Agent)")[:_MAX_CHARACTERS]),
        method=text_of(fields["cs-method"]),
        # The path is encoded once more than the client did.
        target=text_of(fields["cs-uri-stem"]).replace("%25", "%"),
        status=text_of(fields["sc-status"]),
        day=day,
        # cs(Host) is the distribution, such as d111111abcdef8.cloudfront.net.
        host=field("x-host-header") or field("cs(Host)"),
        content_type=unquote(field("sc-content-type")),
    )


@lru_cache(maxsize=1024)
def _agent_of(text: str) -> str:
    """Decode an agent, which is encoded once or twice."""
    return unquote(unquote(text))


def _recognizes(document: Document) -> bool:
    return recognizes_log(document, _new_parse)


def _read(document: Document, options: Options) -> Iterator[Entry]:
    return read_log(document, options, _new_parse)


CLOUDFRONT = Format(
    name="cloudfront",
    title="CloudFront's standard log",
    recognizes=_recognizes,
    read=_read,
)
