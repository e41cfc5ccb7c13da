"""The options of a badge: which number, how to write it, and how to draw it."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from functools import partial
from typing import Self, TypeVar

from page_tracker.counting.model import Tally
from page_tracker.counting.parsing import did_you_mean, parse_choice, quoted
from page_tracker.web.formats.badge_styles import STYLES
from page_tracker.web.formats.logo import parse_logo
from page_tracker.web.formats.shown_number import SHOWN_NUMBERS

T = TypeVar("T")

Get = Callable[[str], str | None]
"""Returns the text given for an option, or None."""

COLORS = {
    "brightgreen": "#4b0",
    "green": "#67ac09",
    "yellowgreen": "#95991a",
    "yellow": "#d8b800",
    "orange": "#ea7233",
    "red": "#dd4343",
    "blue": "#007ec6",
    "lightgrey": "#939393",
    "lightgray": "#939393",
    "grey": "#555",
    "gray": "#555",
    "black": "#000",
    "white": "#fff",
}

# People add these to a URL so that no cache has it. So are names that are a number.
_CACHE_BUSTERS = {"_", "cb", "cache", "nocache", "r", "rand", "t", "time", "ts", "v"}

_MAX_LABEL_CHARACTERS = 100
_WITH_BASE = "allowed: " + ", ".join(
    f"show={name}" for name, number in SHOWN_NUMBERS.items() if number.of_all_time
)
_SWITCH = {"": True, "1": True, "true": True, "0": False, "false": False}


class OptionError(ValueError):
    """An option is wrong. The text names it, and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a badge."""

    show: str = "total"
    label: str = SHOWN_NUMBERS["total"].label
    color: str = COLORS["blue"]
    label_color: str = COLORS["grey"]
    style: str = "flat"
    base: int = 0
    """The views of before, which are added to a number of all time."""
    abbreviate: bool = False
    logo: str = ""
    """The data URI of an icon, or empty."""

    @classmethod
    def read(cls, get: Get) -> Self:
        """Read and check the options. Raises OptionError."""
        defaults = cls()

        def read_option(name: str, parse: Callable[[str], T], default: T) -> T:
            text = get(name)
            if text is None:
                return default
            try:
                return parse(text)
            except ValueError as error:
                raise OptionError(f"{name}: {error}") from None

        show = read_option(
            "show", partial(parse_choice, allowed=[*SHOWN_NUMBERS]), defaults.show
        )
        options = cls(
            show=show,
            label=read_option("label", _parse_label, SHOWN_NUMBERS[show].label),
            color=read_option("color", _parse_color, defaults.color),
            label_color=read_option("label_color", _parse_color, defaults.label_color),
            style=read_option(
                "style", partial(parse_choice, allowed=[*STYLES]), defaults.style
            ),
            base=read_option("base", _parse_base, defaults.base),
            abbreviate=read_option("abbreviate", _parse_switch, defaults.abbreviate),
            logo=read_option("logo", parse_logo, defaults.logo),
        )
        if options.base and not SHOWN_NUMBERS[show].of_all_time:
            raise OptionError(f"base: {show} has no views of before; {_WITH_BASE}")
        return options

    @property
    def days(self) -> int | None:
        """On how many days up to today the views are wanted; None: on all."""
        return SHOWN_NUMBERS[self.show].days

    def number(self, tally: Tally) -> str:
        """Format the number to show: 12,345, or 12.3k if abbreviated."""
        number = SHOWN_NUMBERS[self.show].of(tally) + self.base
        return _abbreviate(number) if self.abbreviate else f"{number:,}"


NAMES = frozenset(field.name for field in fields(Options))


def check_names(names: Iterable[str], options: Collection[str]) -> None:
    """Refuse a parameter that is no option and names no site. Raises OptionError."""
    for name in names:
        if name in options or name in ("page", "from"):
            continue
        if name in _CACHE_BUSTERS or re.fullmatch("[0-9.]+", name):
            continue
        nearest = did_you_mean(name.lower(), options)
        raise OptionError(
            f"{quoted(name)} is not an option{nearest}; allowed: page, from, "
            f"{', '.join(sorted(options))}"
        )


def _abbreviate(number: int) -> str:
    """Round down, so that a badge never shows more views than there are."""
    thousands = (len(str(number)) - 1) // 3
    if not thousands:
        return str(number)
    unit = "kMGTPE"[thousands - 1]
    tenths = number // (1000**thousands // 10)
    return f"{tenths // 10}{unit}" if tenths >= 1000 else f"{tenths / 10:g}{unit}"


def _parse_label(text: str) -> str:
    if len(text) > _MAX_LABEL_CHARACTERS:
        raise ValueError(
            f"the text has {len(text)} characters; allowed: {_MAX_LABEL_CHARACTERS}"
        )
    if any(not _is_fit_for_xml(character) for character in text):
        raise ValueError(
            "the text contains a control character; allowed: text in one line"
        )
    return text


def _is_fit_for_xml(character: str) -> bool:
    """Return whether XML 1.0 (2.2) allows the character, and it is not a line break."""
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") and (
        character not in "\ufffe\uffff"
    )


def _parse_color(text: str) -> str:
    known = COLORS.get(text.lower())
    if known is not None:
        return known
    if re.fullmatch("#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", text):
        return f"#{text.removeprefix('#').lower()}"
    raise ValueError(
        f"{quoted(text)} is not a color; allowed: a hex value such as 4c1, or one of "
        f"{', '.join(COLORS)}"
    )


def _parse_base(text: str) -> int:
    if re.fullmatch("[0-9]{1,15}", text):
        return int(text)
    raise ValueError(
        f"{quoted(text)} is not valid; allowed: a number of up to 15 digits"
    )


def _parse_switch(text: str) -> bool:
    if text in _SWITCH:
        return _SWITCH[text]
    raise ValueError(f"{quoted(text)} is not valid; allowed: true or false")
