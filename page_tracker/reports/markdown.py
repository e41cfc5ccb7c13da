"""A report in Markdown (CommonMark), with the tables of GitHub."""

import re
from collections.abc import Iterator
from unicodedata import bidirectional

from page_tracker.operations.terminal import bar_of
from page_tracker.reports.document import Document, Table, in_thousands

_BAR_WIDTH = 20
# What may be markup within a line, also of GitHub: tables, math and struck-out text.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$])")
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_ISOLATED = "\u2066{}\u2069"


def as_markdown(document: Document) -> str:
    """Return the report in Markdown."""
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    yield f"# {_escaped(document.title)}"
    for section in document.sections:
        yield ""
        yield f"## {_escaped(section.title)}"
        yield ""
        yield from (f"- {_escaped(line)}" for line in section.lines)
        for table in section.tables:
            yield ""
            yield from _table(table)
    yield ""
    yield from (f"- {_escaped(line)}" for line in document.lines)
    if document.dashboard:
        yield f"- Dashboard: <{document.dashboard}>"


def _table(table: Table) -> Iterator[str]:
    bars = [""] if table.has_bars else []
    yield _row([*table.headings, *bars])
    yield _row(["---", *["---:" for _ in table.headings[1:]], *["---" for _ in bars]])
    for name, numbers in table.rows:
        bars = [bar_of(numbers[0], table.greatest, _BAR_WIDTH)] if bars else []
        yield _row([_escaped(name), *map(in_thousands, numbers), *bars])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return a text as Markdown. Letters from right to left leave the rest in place."""
    escaped = _MARKUP.sub(r"\\\1", text)
    if any(bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return _ISOLATED.format(escaped)
    return escaped
