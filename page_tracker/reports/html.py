"""A report as an HTML page, for programs for mail and for browsers.

Gmail and Outlook show neither SVG nor images in data: URLs, and Gmail drops styles that
are not attributes. So a bar is a table whose cell has a color. Texts have the color of
the program, so that they can be read on a dark ground, too. All characters are in ASCII
and lines are short, so that no server for mail has to change them (RFC 5322, 2.1.1).
"""

from collections.abc import Iterator
from html import escape

from page_tracker.reports.document import Document, Section, Table, in_thousands

# It has enough contrast with white and with black.
_BAR = "#4f86d6"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_BODY = f"margin:0;padding:16px;{_FONT};font-size:15px;line-height:1.5"
_NAME = "padding:2px 12px 2px 0;word-break:break-word;overflow-wrap:anywhere"
_DAY = "padding:2px 12px 2px 0;white-space:nowrap"
_NUMBER = "padding:2px 12px 2px 0;white-space:nowrap;font-variant-numeric:tabular-nums"


def as_html(document: Document) -> str:
    """Return the report as a page in ASCII, without scripts and remote parts."""
    text = "\n".join(_lines(document))
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _lines(document: Document) -> Iterator[str]:
    title = escape(document.title)
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield '<meta name="supported-color-schemes" content="light dark">'
    yield f'<title>{title}</title>\n</head>\n<body style="{_BODY}">'
    yield '<div role="main" style="max-width:640px;margin:0 auto">'
    yield f'<h1 style="font-size:22px;line-height:1.3;margin:0">{title}</h1>'
    for section in document.sections:
        yield from _section(section)
    yield '<p style="font-size:13px;margin:32px 0 0">'
    yield "<br>\n".join(map(_isolated, document.lines))
    if document.dashboard:
        yield f'<br>\n<a href="{escape(document.dashboard)}">Dashboard</a>'
    yield "</p>\n</div>\n</body>\n</html>"


def _section(section: Section) -> Iterator[str]:
    yield '<h2 style="font-size:18px;line-height:1.3;margin:32px 0 8px">'
    yield f"{_isolated(section.title)}</h2>"
    yield '<p style="margin:0">'
    yield "<br>\n".join(map(_isolated, section.lines))
    yield "</p>"
    for table in section.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield '<table width="100%" cellpadding="0" cellspacing="0" border="0"'
    yield ' style="border-collapse:collapse;margin:16px 0 0">\n<tr>'
    name, *numbers = table.headings
    yield f'<th align="left" scope="col" style="{_NAME}">{name}</th>'
    for heading in numbers:
        yield f'<th width="18%" align="right" scope="col" style="{_NUMBER}">'
        yield f"{heading}</th>"
    if table.has_bars:
        yield '<td width="40%"></td>'
    yield "</tr>"
    style = _DAY if table.has_bars else _NAME
    for name, values in table.rows:
        yield f'<tr>\n<td align="left" style="{style}">'
        yield f"{_isolated(name)}</td>"
        for number in values:
            yield f'<td align="right" style="{_NUMBER}">{in_thousands(number)}</td>'
        if table.has_bars:
            yield f'<td width="40%">{_bar(values[0], table.greatest)}</td>'
        yield "</tr>"
    yield "</table>"


def _bar(number: int, greatest: int) -> str:
    if not number:
        return ""
    width = max(1, (200 * number + greatest) // (2 * greatest))
    return (
        f'<table role="presentation" width="{width}%" cellpadding="0" cellspacing="0"'
        ' border="0" style="border-collapse:collapse">\n'
        f'<tr><td height="12" bgcolor="{_BAR}" style="height:12px;padding:0;'
        f'background-color:{_BAR};font-size:1px;line-height:12px">&nbsp;</td></tr>\n'
        "</table>"
    )


def _isolated(text: str) -> str:
    """Return a text that letters from right to left neither move nor turn around."""
    return f'<span dir="ltr">{escape(text)}</span>'
