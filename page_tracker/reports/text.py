"""A report as plain text."""

from collections.abc import Iterator

from page_tracker.operations.terminal import bar_of, columns, in_columns
from page_tracker.reports.document import Document, Section, Table, in_thousands


def as_text(document: Document) -> str:
    """Return the report as lines, as wide as the terminal at most if names allow it."""
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    yield document.title
    yield "=" * len(document.title)
    for section in document.sections:
        yield ""
        yield from _section(section)
    yield ""
    yield from document.lines
    if document.dashboard:
        yield f"Dashboard: {document.dashboard}"


def _section(section: Section) -> Iterator[str]:
    yield section.title
    yield "-" * len(section.title)
    yield from section.lines
    for table in section.tables:
        yield ""
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    """Yield the rows: names that may be long come last, and bars do."""
    name, *numbers = table.headings
    shown = [[in_thousands(each) for each in row] for _, row in table.rows]
    widths = [max(map(len, column)) for column in zip(numbers, *shown, strict=True)]
    headings = [each.rjust(width) for each, width in zip(numbers, widths, strict=True)]
    if not table.has_bars:
        yield in_columns([*headings, name])
    else:
        longest = max(len(each) for each, _ in table.rows)
        yield in_columns([name.ljust(longest), *headings])
    for (name, values), row in zip(table.rows, shown, strict=True):
        cells = [each.rjust(width) for each, width in zip(row, widths, strict=True)]
        if not table.has_bars:
            yield in_columns([*cells, name])
        else:
            line = in_columns([name, *cells])
            left = columns() - len(line) - 3
            yield in_columns([line, bar_of(values[0], table.greatest, left)])
