"""How names, numbers and bars look in a terminal, whatever its encoding and width."""

import sys
from collections.abc import Sequence
from shutil import get_terminal_size
from unicodedata import bidirectional, category, east_asian_width

from page_tracker.counting.model import FRONT_PAGE, Page
from page_tracker.counting.readable_hosts import readable_host

_DEFAULT_SIZE = (80, 24)
_SPACE = "  "
_RIGHT_TO_LEFT = ("R", "AL")
_LEFT_TO_RIGHT_MARK = "\u200e"
_FULL = "█"
# From one eighth to seven eighths of a cell.
_PARTS = "▏▎▍▌▋▊▉"
_ASCII = "#"


def readable(what: Page | str) -> str:
    """Return the name of a page or site as people write it.

    It is in ASCII if it could deceive, or if the output has no such letters. The
    tracker's own page or site is "/".
    """
    stored = str(what) or str(FRONT_PAGE)
    site = what.site if isinstance(what, Page) else what
    name = f"{readable_host(site)}{stored.removeprefix(site)}"
    return name if can_show(name) else stored


def readable_in_table(what: Page | str) -> str:
    """Return the name for a table: on a terminal as people write it.

    Otherwise, as it is stored, because a program may read the table.
    """
    if sys.stdout.isatty():
        return readable(what)
    return str(what) or str(FRONT_PAGE)


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: 1 view, or 2 views."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_columns(line: Sequence[str]) -> str:
    """Return a line of a table, whose cells have their widths.

    Letters from right to left leave the cells after them where they are.
    """
    gap = _SPACE
    kinds = {bidirectional(letter) for cell in line for letter in cell}
    if not kinds.isdisjoint(_RIGHT_TO_LEFT) and can_show(_LEFT_TO_RIGHT_MARK):
        # Not beside a name, because people copy names.
        gap += _LEFT_TO_RIGHT_MARK
    return gap.join(line).rstrip()


def columns() -> int:
    """Return the width of the terminal in cells; 80 if the output is not a terminal.

    The variable COLUMNS overrides it.
    """
    return get_terminal_size(_DEFAULT_SIZE).columns


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    return sum(map(_cells_of, text))


def left_aligned(text: str, width: int) -> str:
    """Return the text with spaces after it, so that it takes this many cells."""
    return text + " " * (width - cells(text))


def bar_of(number: int, greatest: int, width: int) -> str:
    """Return a bar for a number, so that the greatest one has this width in cells.

    Only zero has none. The bar is exact to an eighth of a cell, or to a whole cell if
    the output has only ASCII.
    """
    if not number or width < 1:
        return ""
    if not can_show(f"{_FULL}{_PARTS}"):
        return _ASCII * max(1, _rounded(number * width, greatest))
    full, part = divmod(max(1, _rounded(number * width * 8, greatest)), 8)
    return _FULL * full + _PARTS[part - 1 : part]


def _rounded(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)


def _cells_of(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def can_show(text: str) -> bool:
    """Return whether the encoding of the output has all letters of the text."""
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True
