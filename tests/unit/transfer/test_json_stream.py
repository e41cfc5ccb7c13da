"""JSON documents of any size."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from page_tracker.transfer import json_stream
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.json_stream import JsonError, json_events, json_items


def items(content: bytes) -> Iterator[Any]:
    """Return the items of the list in this document."""
    return json_items(BytesIO(content), "list.item")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_should_yield_items_and_events(encoding: str) -> None:
    content = json.dumps({"list": [{"é": 2**53}, 1, None]}).encode(encoding)

    assert list(items(content)) == [{"é": 2**53}, 1, None]
    assert ("list.item.é", "number", 2**53) in list(json_events(BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"list": [1', "parse error: premature EOF"),
        (b'{"list": [1}', "parse error: "),
        (b'{"list": [\xff]}', "lexical error: "),
        (b'{"list": ["\xff"]}', "lexical error: invalid bytes in UTF8 string."),
        (b'{"list": [1]} 2', "parse error: "),
        (b'{"list": [%d]}' % 2**63, "parse error: integer overflow"),
        (b'{"list": [%b]}' % (b"9" * 5000), "parse error: integer overflow"),
        (b'{"list": [1e999999999999]}', "parse error: numeric (floating point) overf"),
    ],
)
def test_should_say_in_one_line_why_a_document_is_wrong(
    content: bytes, reason: str
) -> None:
    with pytest.raises(JsonError) as refused:
        list(items(content))

    (line,) = str(refused.value).splitlines()
    assert line.startswith(reason)


def test_should_refuse_a_value_that_is_too_long_or_too_deep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_stream, "_MAX_VALUE_BYTES", 1_000_000)
    short = b'"a",'
    assert len(list(items(b'{"list": [' + short * 500_000 + b"1]}"))) == 500_001

    for value in (
        b"[" * 20_000,
        b"[" * 20_000 + b"]" * 20_000,
        b'"' + b"a" * 2_000_000,
        b"[" + b"1," * 1_000_000,
        b" " * 2_000_000,
    ):
        with pytest.raises(FileError, match="a value that is too long or "):
            list(items(b'{"list": [1,' + value))
