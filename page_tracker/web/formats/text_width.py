"""The width of a text in Verdana, the font of badges."""

import json
import unicodedata
from functools import lru_cache
from importlib.resources import files

# For characters that are not in the table, in thousandths of the font size.
_WIDE, _DEFAULT = 1000, 700


def _load() -> dict[str, dict[str, int]]:
    """Read the widths of each weight: runs of characters by the code of the first."""
    text = files(__package__).joinpath("verdana.json").read_text("utf-8")
    return {
        weight: {
            chr(int(first) + offset): width
            for first, widths in runs.items()
            for offset, width in enumerate(widths)
        }
        for weight, runs in json.loads(text).items()
    }


_WIDTHS = _load()


@lru_cache(maxsize=1024)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a text in the unit of the font's size."""
    return sum(_width(character, _WIDTHS[weight]) for character in text) * size / 1000


def _width(character: str, known: dict[str, int]) -> int:
    width = known.get(character)
    if width is not None:
        return width
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _DEFAULT
