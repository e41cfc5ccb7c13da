"""The comparison of a command's output with the documentation."""

import re
from collections.abc import Sequence

_ANYTHING = r"\.\.\.|…"
# A token or a hash has no spaces. Unlike most words, it contains digits.
_TOKEN = r"(?=[\w-]*\d)[\w-]{20,}"
_HASH = r"\b(?=[a-f]*\d)[0-9a-f]{7,}\b"
_NUMBER = r"\d+(?:[.,:]\d+)*"
_WILD = re.compile(f"({_ANYTHING})|({_TOKEN})|({_HASH})|({_NUMBER})|( {{2,}})")
_PATTERNS = (".*", r"[\w-]+", "[0-9a-f]+", _NUMBER, " +")

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def matches(output: str, expected: Sequence[str], *, exact: bool = False) -> bool:
    """Return whether the output has the expected lines, except for values that vary.

    If exact, only what `...` and `…` stand for varies. Without expected lines, any
    output matches.
    """
    if not any(expected):
        return True
    wild = re.compile(f"({_ANYTHING})") if exact else _WILD
    pattern = "".join(_pattern(line, wild) for line in expected)
    return re.fullmatch(f"{pattern}\n*", f"{shown(output)}\n") is not None


def shown(output: str) -> str:
    """Return what a terminal shows in the end, without overwritten text."""
    text = _ESCAPE_SEQUENCE.sub("", output.replace("\r\n", "\n"))
    lines = [line.rstrip("\r ").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def _pattern(line: str, wild: re.Pattern[str]) -> str:
    if re.fullmatch(_ANYTHING, line.strip()):
        return r"(?:.*\n)*"
    pattern, end = "", 0
    for found in wild.finditer(line.rstrip()):
        pattern += re.escape(line[end : found.start()])
        assert found.lastindex is not None
        pattern += _PATTERNS[found.lastindex - 1]
        end = found.end()
    return f"{pattern}{re.escape(line[end:].rstrip())}\n"
