"""SVG badges in the styles of shields.io.

Texts are drawn ten times as large and then scaled down. They have a fixed length, so
that they fit with any font, except where this would tear letters apart.
"""

from dataclasses import replace
from html import escape
from typing import NamedTuple

from page_tracker.web.formats.badge_options import COLORS, Get, Options
from page_tracker.web.formats.badge_styles import STYLES, Style
from page_tracker.web.formats.few_words import in_few_words
from page_tracker.web.formats.show import Show
from page_tracker.web.formats.text_width import (
    may_be_spaced,
    runs_right_to_left,
    text_width,
)

# The size of the icon, and its distance from the label, in pixels.
_ICON, _ICON_GAP = 14, 3
# On brighter backgrounds, the letters are dark.
_MAX_BRIGHTNESS_FOR_WHITE = 0.69


def prepare(get: Get) -> Show:
    """Read the options. Raises OptionError."""
    options = Options.read(get)
    return Show(lambda _, tally: draw(options, options.number(tally)), options.days)


def failure(reason: str, get: Get) -> str:
    """Draw the badge of an error, with its reason. Raises OptionError."""
    options = replace(Options.read(get), color=COLORS["lightgrey"])
    return draw(options, in_few_words(reason), title=reason)


def draw(options: Options, message: str, *, title: str | None = None) -> str:
    """Draw a badge. Screen readers and tooltips use the title."""
    style, label = STYLES[options.style], options.label
    title = escape(title or (f"{label}: {message}" if label else message))
    if style.capitals:
        label, message = label.upper(), message.upper()
    inset = _ICON + (_ICON_GAP if label else 0) if options.logo else 0
    left = _Half(
        label, options.label_color, style, style.label_weight, _Place(0, inset)
    )
    place = _Place(left.width + style.gap if left.width else 0)
    right = _Half(message, options.color, style, style.message_weight, place)
    width, height = place.left + right.width, style.height
    defs = shade = clip = ""
    if style.gradient:
        defs = f'<linearGradient id="s" x2="0" y2="100%">{style.gradient}'
        defs += "</linearGradient>"
        shade = f'<rect width="{width}" height="{height}" fill="url(#s)"/>'
    if style.corner and not style.fill:
        defs += f'<clipPath id="r"><rect width="{width}" height="{height}" '
        defs += f'rx="{style.corner}"/></clipPath>'
        clip = ' clip-path="url(#r)"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'role="img" aria-label="{title}"><title>{title}</title>{defs}'
        f"<g{clip}>{left.background()}{right.background()}{shade}</g>"
        f"{_icon(options.logo, style)}"
        '<g text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" '
        f'text-rendering="geometricPrecision" font-size="{style.font_size * 10}">'
        f"{left.letters()}{right.letters()}</g></svg>\n"
    )


def _icon(logo: str, style: Style) -> str:
    if not logo:
        return ""
    return (
        f'<image x="{style.padding}" y="{(style.height - _ICON) // 2}" '
        f'width="{_ICON}" height="{_ICON}" href="{logo}"/>'
    )


class _Place(NamedTuple):
    """Where a half begins, and how far its text is moved in."""

    left: int
    inset: int = 0


class _Half:
    """One half of a badge: a text on a background. Without a text, it is empty."""

    def __init__(
        self, text: str, color: str, style: Style, weight: str, place: _Place
    ) -> None:
        self._text = escape(text)
        self._color = style.fill or color
        self._style = style
        self._weight = weight
        self._place = place
        self._may_be_spaced = may_be_spaced(text)
        self._right_to_left = runs_right_to_left(text)
        exact = text_width(text, style.font_size, weight)
        # Odd, so that letters start on whole pixels more often.
        self._length = int(exact + len(text) * style.letter_spacing) | 1
        length = self._length if text else 0
        self.width = 0
        if text or place.inset:
            self.width = place.inset + round(length + 2 * style.padding)

    def background(self) -> str:
        """Draw the background."""
        if not self.width:
            return ""
        left, height = self._place.left, self._style.height
        if self._style.fill:
            return self._bubble(left, height)
        return (
            f'<rect x="{left}" width="{self.width}" height="{height}" '
            f'fill="{self._color}"/>'
        )

    def _bubble(self, left: int, height: int) -> str:
        """Draw a box with a border. The second one points at the first one."""
        look = f'fill="{self._color}" stroke="#d5d5d5"'
        box = (
            f'<rect x="{left}.5" y=".5" width="{self.width - 1}" '
            f'height="{height - 1}" rx="{self._style.corner}" {look}/>'
        )
        if not left:
            return box
        tip = f'<path d="M{left + 1} {height // 2 - 4}l-4 4 4 4" {look}/>'
        return f"{box}{tip}"

    def letters(self) -> str:
        """Draw the text, and its shadow if it has one."""
        if not self._text:
            return ""
        bright = _brightness(self._color) > _MAX_BRIGHTNESS_FOR_WHITE
        letters, shadow = ("#333", "#ccc") if bright else ("#fff", "#010101")
        drawn = ""
        if self._style.shadow:
            hidden = f'fill="{shadow}" fill-opacity=".3" aria-hidden="true"'
            drawn = self._draw_text(self._style.baseline + 1, hidden)
        return drawn + self._draw_text(self._style.baseline, f'fill="{letters}"')

    def _draw_text(self, baseline: float, attributes: str) -> str:
        if self._weight != "normal":
            attributes += f' font-weight="{self._weight}"'
        # Another length would tear joined letters apart.
        if self._may_be_spaced:
            attributes = f'textLength="{self._length * 10}" {attributes}'
        if self._right_to_left:
            attributes += ' direction="rtl"'
        left, inset = self._place
        middle = left + inset + (self.width - inset) / 2
        return (
            f'<text x="{middle * 10:g}" y="{baseline * 10:g}" transform="scale(.1)" '
            f"{attributes}>{self._text}</text>"
        )


def _brightness(color: str) -> float:
    """Return how bright a color looks, from 0 to 1 (W3C, AERT 2.2)."""
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return (red * 299 + green * 587 + blue * 114) / 255_000
