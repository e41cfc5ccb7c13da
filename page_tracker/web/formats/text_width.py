"""The width of a text in Verdana, the font of badges."""

import json
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

# For characters that are not in the table, in thousandths of the font size.
_WIDE, _DEFAULT, _EMOJI = 1000, 700, 1250
# The same by the width of Unicode Standard Annex 11: wide, full or half.
_EAST_ASIAN = {"W": _WIDE, "F": _WIDE, "H": 500}
# The same for letters by the first word of their Unicode names. Joined letters differ
# much, so these are means, measured in Chromium with DejaVu Sans and Noto Sans.
_BY_SCRIPT = {
    "ARABIC": 490,
    "BENGALI": 530,
    "DEVANAGARI": 530,
    "GEORGIAN": 550,
    "HEBREW": 500,
    "TAMIL": 750,
    "THAI": 540,
}
# Bold letters outside the table are wider by this factor: 1.0 to 1.2, by the font.
_BOLD = 1.1
_ZERO_WIDTH_JOINER = "\u200d"
# After a symbol such as a heart, it asks for the emoji.
_EMOJI_SELECTOR = "\ufe0f"


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
    # Most texts are ASCII, where each character is drawn by itself.
    parts = text if text.isascii() else _clusters(text)
    return sum(_width(part, weight) for part in parts) * size / 1000


def may_be_spaced(text: str) -> bool:
    """Return whether the space between letters may change without harm.

    It may not where letters join or combine, or run from right to left, as in Arabic,
    Hebrew, Devanagari and Thai, nor between the parts of an emoji.
    """
    return all(
        unicodedata.bidirectional(character) not in ("R", "AL", "AN")
        and unicodedata.category(character) not in ("Mn", "Mc", "Me", "Cf", "Sk")
        and not _is_flag_half(character)
        and not 0x0900 <= ord(character) < 0x10A0
        and not 0x1780 <= ord(character) < 0x18B0
        for character in text
        if character not in _WIDTHS["normal"]
    )


def runs_right_to_left(text: str) -> bool:
    """Return whether the first letter is of a script written from right to left.

    Unicode Standard Annex 9, rules P2 and P3.
    """
    if text.isascii():
        return False
    kinds = map(unicodedata.bidirectional, text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return first != "L"


def _clusters(text: str) -> Iterator[str]:
    """Split into what is drawn as one: a simple form of Unicode Standard Annex 29."""
    cluster = ""
    for character in text:
        joined = cluster.endswith(_ZERO_WIDTH_JOINER) and _is_emoji(character)
        pair = len(cluster) == 1 and _is_flag_half(cluster) and _is_flag_half(character)
        if cluster and not (joined or pair or _extends(character)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _extends(character: str) -> bool:
    """Return whether a character has no place of its own, such as an accent."""
    return character not in _WIDTHS["normal"] and (
        unicodedata.category(character) in ("Mn", "Me", "Cf")
        # The skin tones of emoji.
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_shown_as_emoji(cluster: str) -> bool:
    base = cluster[0]
    return (
        _EMOJI_SELECTOR in cluster
        or _is_flag_half(base)
        or (_is_emoji(base) and unicodedata.east_asian_width(base) == "W")
    )


def _width(cluster: str, weight: str) -> float:
    base, known = cluster[0], _WIDTHS[weight]
    if base in known and _EMOJI_SELECTOR not in cluster:
        return known[base]
    if _extends(base):
        return 0
    if _is_shown_as_emoji(cluster):
        return _EMOJI
    width = _EAST_ASIAN.get(unicodedata.east_asian_width(base))
    return _width_of_letter(base, weight) if width is None else width


def _width_of_letter(letter: str, weight: str) -> float:
    name = unicodedata.name(letter, "")
    if "CIRCLED" in name:
        return _WIDE
    # Letters for mathematics have the width of plain ones, and ligatures of several.
    # Those like handwriting are 1.4 times as wide in one font, and 0.8 in another.
    plain = [
        part for part in unicodedata.normalize("NFKD", letter) if not _extends(part)
    ]
    widths = _WIDTHS["bold" if "BOLD" in name else weight]
    if plain != [letter] and all(part in widths for part in plain):
        return sum(widths[part] for part in plain)
    width = _BY_SCRIPT.get(name.partition(" ")[0], _DEFAULT)
    return width * _BOLD if weight == "bold" else width
